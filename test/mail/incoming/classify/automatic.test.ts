import { describe, expect, it } from 'vitest';
import { understand } from '../../../../src/mail/incoming/understand.ts';
import { incomingContext, rawMail } from '../../../support/incoming-mail.ts';

const context = incomingContext();
const read = async (fields: Readonly<Record<string, string | null>>, body = 'retry\n') =>
  (await understand(rawMail(body, fields), context))[0];

describe('an automatic reply', () => {
  it.each<Record<string, string>>([
    { 'Auto-Submitted': 'auto-replied' },
    { 'Auto-Submitted': 'auto-generated' },
    { 'Auto-Submitted': 'auto-notified; owner-email="x@example.org"' },
    { 'X-Autoreply': 'yes' },
    { 'X-Autorespond': 'holidays' },
    { 'Delivered-To': 'Autoresponder' },
    { Precedence: 'auto_reply' },
    { 'Return-Path': '<>' },
    { 'Content-Type': 'multipart/report; report-type=disposition-notification; boundary=b' },
    { 'X-Delivery-Agent': 'TMDA/1.1' },
    { 'X-Loop': 'buildd@example.org' },
    { From: 'buildd@example.org' },
  ])('is dropped, never obeyed, never answered: %o', async (fields) => {
    expect(await read(fields)).toMatchObject({
      kind: 'auto-reply',
      action: 'none',
      decision: 'drop',
      code: null,
      mail: { answerTo: null },
    });
  });

  it.each<Record<string, string>>([
    { 'Auto-Submitted': 'no' },
    { Precedence: 'bulk' },
    { 'List-Id': '<x.example.org>' },
    { 'X-Auto-Response-Suppress': 'All' },
  ])('is not what %o says: a person wrote that', async (fields) => {
    expect(await read(fields)).toMatchObject({ kind: 'log-reply', action: 'retry', decision: 'apply' });
  });

  it('is not a mail that a program made of its own accord about something else: that is forwarded', async () => {
    expect(await read({ 'Auto-Submitted': 'auto-generated', Subject: 'Cron <buildd> job' })).toMatchObject({
      kind: 'other',
      decision: 'forward',
    });
    expect(await read({ 'Auto-Submitted': 'auto-replied', Subject: 'Out of office' })).toMatchObject({
      kind: 'auto-reply',
      decision: 'drop',
    });
  });

  it('of an admin who shares our address is none', async () => {
    const shared = incomingContext({ auth: 'admin_addresses = ["buildd@example.org"]\naccept = ["sender"]' });
    expect((await understand(rawMail('retry', { From: 'buildd@example.org' }), shared))[0]).toMatchObject({
      decision: 'apply',
    });
  });
});

const report = (action: string): string =>
  `--b\n\nretry\n--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example.org\n\nFinal-Recipient: rfc822; x@example.org\nAction: ${action}\n--b\nContent-Type: message/rfc822\n\nSubject: x\n\nretry\n--b--\n`;
const dsn = { 'Content-Type': 'multipart/report; report-type=delivery-status; boundary=b', 'Return-Path': '<>' };

describe('a bounce', () => {
  it('goes to the admin, is never obeyed and never answered', async () => {
    expect(await read(dsn, report('failed'))).toMatchObject({
      kind: 'bounce',
      action: 'forward',
      decision: 'forward',
      mail: { answerTo: null },
    });
  });

  it('about a delay is only logged', async () => {
    expect(await read(dsn, report('delayed'))).toMatchObject({ kind: 'bounce', action: 'none', decision: 'drop' });
  });

  it.each<Record<string, string>>([
    { From: 'MAILER-DAEMON@mx.example.org (Mail Delivery System)' },
    { 'X-MS-Exchange-Message-Is-Ndr': '' },
    { 'X-Failed-Recipients': 'x@example.org' },
    { 'Return-Path': '<>', Subject: 'Undelivered Mail Returned to Sender' },
    { 'Return-Path': '<>', Subject: 'Etwas ging schief' },
    { From: 'postmaster@example.org', Subject: 'Delivery Status Notification (Failure)' },
  ])('is recognised by %o', async (fields) => {
    expect(await read(fields)).toMatchObject({ kind: 'bounce', decision: 'forward' });
  });
});
