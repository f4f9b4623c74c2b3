import { describe, expect, it } from 'vitest';
import {
  endsAnswer,
  isAttribution,
  isQuoted,
  isSignatureSeparator,
  ownLines,
  startsOriginal,
} from '../../../../src/mail/incoming/command/quotation.ts';

describe('an attribution', () => {
  it.each([
    'On Mon, Jun 16, 2025 at 10:12 AM Buildd <buildd@example.org> wrote:',
    'On 2025-06-16 10:12, Buildd wrote:',
    'Am 16.06.25 um 10:12 schrieb Buildd:',
    'Am Mo., 16. Juni 2025 um 10:12 Uhr schrieb Buildd <buildd@example.org>:',
    'Le lun. 16 juin 2025 à 10:12, Buildd <buildd@example.org> a écrit :',
    'El lun, 16 jun 2025 a las 10:12, Buildd (<buildd@example.org>) escribió:',
    'Il giorno lun 16 giu 2025 alle ore 10:12 Buildd <buildd@example.org> ha scritto:',
    'Em seg., 16 de jun. de 2025 às 10:12, Buildd <buildd@example.org> escreveu:',
    'Op ma 16 jun 2025 om 10:12 schreef Buildd <buildd@example.org>:',
    'Den mån 16 juni 2025 kl 10:12 skrev Buildd <buildd@example.org>:',
    'Den man. 16. jun. 2025 kl. 10.12 skrev Buildd <buildd@example.org>:',
    'ma 16. kesäk. 2025 klo 10.12 Buildd (buildd@example.org) kirjoitti:',
    'pon., 16 cze 2025 o 10:12 Buildd <buildd@example.org> napisał(a):',
    'W dniu 16.06.2025 o 10:12, Buildd pisze:',
    'po 16. 6. 2025 v 10:12 odesílatel Buildd <buildd@example.org> napsal:',
    'Buildd <buildd@example.org> ezt írta (időpont: 2025. jún. 16., H, 10:12):',
    'În lun., 16 iun. 2025 la 10:12, Buildd <buildd@example.org> a scris:',
    'пн, 16 июн. 2025 г. в 10:12, Buildd <buildd@example.org>:',
    '16.06.2025 10:12, Buildd пишет:',
    'Στις Δευ 16 Ιουν 2025 στις 10:12, ο/η Buildd <buildd@example.org> έγραψε:',
    'Buildd <buildd@example.org>, 16 Haz 2025 Pzt, 10:12 tarihinde şunu yazdı:',
    '2025年6月16日(月) 10:12 Buildd <buildd@example.org>:',
    'Buildd <buildd@example.org> 于2025年6月16日周一 10:12写道：',
    '2025년 6월 16일 (월) 오전 10:12, Buildd <buildd@example.org>님이 작성:',
    'Buildd <buildd@example.org> writes:',
  ])('%s', (line) => {
    expect(isAttribution([line])).toBe(true);
    expect(ownLines(['reason', '', line, '', '> log', '>', '> more', ''])).toEqual(['reason']);
  });

  it('may be broken in two lines', () => {
    const lines = ['On Mon, Jun 16, 2025 at 10:12 AM Build Daemon buildd1 <', 'buildd@example.org> wrote:'];
    expect(endsAnswer(lines, 0)).toBe(true);
    expect(ownLines(['reason', '', ...lines, '', '> log'])).toEqual(['reason']);
    expect(ownLines(['reason', ...lines, '> log'])).toEqual(['reason']);
  });

  it.each(['see the log below:', 'make: error 2:', 'On arm64 the compiler hangs', 'it wrote: nothing'])(
    'is not: %s',
    (line) => {
      expect(isAttribution([line])).toBe(false);
      expect(ownLines([line, 'more'])).toEqual([line, 'more']);
    },
  );
});

describe('an unquoted original', () => {
  it.each([
    ['-----Original Message-----'],
    ['-----Ursprüngliche Nachricht-----'],
    ['-----Message d’origine-----'],
    ['-----Mensaje original-----'],
    ['-----Messaggio originale-----'],
    ['-----Oorspronkelijk bericht-----'],
    ['-----Ursprungligt meddelande-----'],
    ['-----Alkuperäinen viesti-----'],
    ['-------- Исходное сообщение --------'],
    ['-----原始邮件-----'],
    ['-------- Forwarded Message --------'],
    ['---------- Forwarded message ---------'],
    ['________________________________'],
    ['From: Buildd <buildd@example.org>', 'Sent: Monday, June 16, 2025 10:12 AM', 'To: Admin', 'Subject: x'],
    [
      'Von: Buildd',
      'Gesendet: Montag, 16. Juni 2025',
      'An: Admin',
      'Betreff: Log for failed build of hello_1 (dist=sid)',
    ],
    ['*From:* Buildd <buildd@example.org>', '*Sent:* 16 June 2025', '*To:* Admin'],
    ['发件人: Buildd <buildd@example.org>', '发送时间: 2025年6月16日 10:12', '收件人: Admin'],
    ['Från: Buildd <buildd@example.org>', 'Skickat: den 16 juni 2025 10:12', 'Till: Admin'],
  ])('begins with %s', (...lines) => {
    expect(startsOriginal(lines, 0)).toBe(true);
    expect(ownLines(['reason', '', ...lines, 'log'])).toEqual(['reason']);
  });

  it.each([
    ['----- Test results -----', 'ok: 1', 'failed: 2'],
    ['____', 'x', 'y'],
    ['foo.c: In function main:', 'error: expected', 'note: here'],
    ['error: a', 'error: b <c>', 'error: d'],
  ])('does not begin with %s, which is part of a log', (...lines) => {
    expect(startsOriginal(lines, 0)).toBe(false);
    expect(ownLines(lines)).toEqual(lines);
  });
});

describe('quoted lines and signatures', () => {
  it.each(['> x', '>x', '  > x', '\ufeff> x', '>> x', '    Build> log', '＞ x'])('%s is quoted', (line) => {
    expect(isQuoted(line)).toBe(true);
  });

  it.each(['x > y', 'foo>bar', '1> x', ''])('%s is not', (line) => {
    expect(isQuoted(line)).toBe(false);
  });

  it('a separator may have lost its space, but is nothing else', () => {
    expect(['-- ', '--', '--\u00a0'].every(isSignatureSeparator)).toBe(true);
    expect(['---', '--failed x', ' -- '].some(isSignatureSeparator)).toBe(false);
  });

  it('a quote that closes up with the words before it belongs to the reason', () => {
    expect(ownLines(['the compiler says', '> error: x'])).toEqual(['the compiler says', '> error: x']);
  });
});
