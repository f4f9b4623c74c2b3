import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { understand } from '../../../src/mail/incoming/understand.ts';
import { incomingContext, logSubject, rawMail } from '../../support/incoming-mail.ts';

const context = incomingContext();
const decisions = ['apply', 'refuse', 'forward', 'drop'];

describe('any mail at all', () => {
  it('is understood as something, without an error', async () => {
    const pieces = [
      'From: admin@example.org\n',
      `Subject: ${logSubject}\n`,
      'Subject: =?utf-8?b?',
      'To: <',
      '\n',
      '\r\n',
      ' ',
      'retry',
      'fail ',
      '> ',
      '-- \n',
      'Content-Type: multipart/mixed; boundary=b\n',
      'Content-Type: multipart/signed; protocol="application/pgp-signature"; boundary=b\n',
      '--b',
      '--b--\n',
      '-----BEGIN PGP SIGNED MESSAGE-----\n',
      'Hash: SHA256\n',
      '-----BEGIN PGP SIGNATURE-----\n',
      '-----END PGP SIGNATURE-----\n',
      'Return-Path: <>\n',
      'Auto-Submitted: auto-replied\n',
      'Content-Transfer-Encoding: base64\n',
      'text/html',
      '<p>',
      '\0',
      'ÿ',
      'a_1_b.changes ACCEPTED',
      'blacklist x',
    ];
    const mails = fc.oneof(
      fc.uint8Array({ maxLength: 400 }),
      fc.array(fc.constantFrom(...pieces), { maxLength: 40 }).map((list) => Buffer.from(list.join(''))),
    );
    await fc.assert(
      fc.asyncProperty(mails, async (raw) => {
        const understood = await understand(raw, context);
        expect(understood.length).toBeGreaterThan(0);
        for (const one of understood) {
          expect(decisions).toContain(one.decision);
          expect(one.code === null).toBe(one.decision !== 'refuse');
          expect(one.reason.length).toBeLessThan(1000);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('is never obeyed without a proof', async () => {
    const strict = incomingContext({ auth: 'admin_addresses = ["admin@example.org"]' });
    const bodies = fc.array(
      fc.constantFrom(
        'retry',
        'purge',
        'fail x',
        '\n',
        'blacklist x@example.com',
        '-----BEGIN PGP SIGNED MESSAGE-----\n\n',
        'help',
      ),
      { maxLength: 6 },
    );
    await fc.assert(
      fc.asyncProperty(
        bodies,
        fc.constantFrom(logSubject, 'hi', 'new version of hello (dist=unstable)', 'a_1_amd64.changes ACCEPTED'),
        async (body, Subject) => {
          for (const { decision } of await understand(rawMail(body.join(''), { Subject }), strict))
            expect(decision).not.toBe('apply');
        },
      ),
    );
  });

  it.each<[string, string]>([
    [
      '100,000 header fields',
      `${'X-Field: x\n'.repeat(100_000)}From: admin@example.org\nSubject: ${logSubject}\n\nretry`,
    ],
    ['10 MiB in one line', rawMail('x'.repeat(10 * 1024 * 1024)).toString()],
    ['10 MiB of line ends', rawMail('\n'.repeat(10 * 1024 * 1024)).toString()],
    ['10 MiB of quotes and words by turns', rawMail(`fail\n${'> a\nb\n'.repeat(1_700_000)}`).toString()],
    ['10 MiB of attributions', rawMail('On 1 wrote:\n'.repeat(870_000)).toString()],
    ['10 MiB of open comments', rawMail('retry', { To: '('.repeat(10 * 1024 * 1024) }).toString()],
    ['10 MiB of HTML tags', rawMail('<p><style>'.repeat(1_000_000), { 'Content-Type': 'text/html' }).toString()],
    [
      '10 MiB of boundaries',
      rawMail('--b'.repeat(3_400_000), { 'Content-Type': 'multipart/mixed; boundary=b' }).toString(),
    ],
    [
      'alternatives in alternatives',
      rawMail(
        Array.from(
          { length: 18 },
          (_, i) => `--b${i}\nContent-Type: multipart/alternative; boundary=b${i + 1}\n\n`,
        ).join('') + '--b18\nContent-Type: text/html\n\nretry',
        {
          'Content-Type': 'multipart/alternative; boundary=b0',
        },
      ).toString(),
    ],
  ])('of hostile size or shape is worked through: %s', async (_, raw) => {
    const [understood] = await understand(Buffer.from(raw, 'latin1'), context);
    expect(decisions).toContain(understood?.decision);
  });
});
