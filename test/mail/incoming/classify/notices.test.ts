import { describe, expect, it } from 'vitest';
import { understand } from '../../../../src/mail/incoming/understand.ts';
import { incomingContext, rawMail } from '../../../support/incoming-mail.ts';

const trusting = incomingContext({ auth: 'trusted_notices = ["dak@archive.example.org"]' });
const careful = incomingContext({
  auth: 'trusted_notices = ["dak@archive.example.org"]\ntrusted_authserv_id = "mx.example.org"',
});
const accepted = 'hello_2.10-3_amd64.changes ACCEPTED into unstable';
const read = async (
  Subject: string,
  fields: Readonly<Record<string, string>> = {},
  body = 'text\n',
  context = trusting,
) =>
  (
    await understand(
      rawMail(body, {
        From: 'Archive <dak@archive.example.org>',
        'Auto-Submitted': 'auto-generated',
        Subject,
        ...fields,
      }),
      context,
    )
  )[0];

describe('a notice of the archive', () => {
  it.each([
    ['hello_2.10-3_amd64.changes INSTALLED', 'installed', 'apply'],
    [accepted, 'accepted', 'apply'],
    ['hello_2.10-3_amd64-buildd.changes ACCEPTED', 'accepted', 'apply'],
    ['hello_2.10-3_amd64.changes is NEW', 'new-queue', 'apply'],
    ['hello_2.10-3_amd64.changes REJECTED', 'rejected', 'forward'],
  ])('%s', async (subject, action, decision) => {
    expect(await read(subject)).toMatchObject({
      kind: 'archive-notice',
      action,
      decision,
      package: 'hello',
      version: '2.10-3',
      auth: { method: 'notice', ok: true },
    });
  });

  it('names the file and the distribution; a policy queue is only logged', async () => {
    expect(await read(accepted)).toMatchObject({
      dist: 'unstable',
      notice: { changes: 'hello_2.10-3_amd64.changes', onlyLogged: false },
    });
    expect(await read('hello_2.10-3_amd64.changes ACCEPTED into stable->proposed-updates')).toMatchObject({
      dist: null,
      notice: { onlyLogged: true },
    });
  });

  it('of mini-dinstall is understood too', async () => {
    expect(await read('mini-dinstall: Successfully installed hello 2.10-3 to unstable')).toMatchObject({
      action: 'installed',
      decision: 'apply',
      package: 'hello',
      notice: { changes: null },
    });
  });

  it('is forwarded when it comes from somebody else', async () => {
    expect(await read(accepted, { From: 'mallory@example.org' })).toMatchObject({
      action: 'forward',
      decision: 'forward',
      auth: { method: 'notice', ok: false },
    });
    expect(await read(accepted, { From: 'dak@archive.example.org, mallory@example.org' })).toMatchObject({
      action: 'forward',
      decision: 'forward',
    });
    expect(await read(accepted, { from: 'mallory@example.org' })).toMatchObject({
      action: 'forward',
      decision: 'forward',
    });
  });

  it.each([
    '../x_1_amd64.changes ACCEPTED',
    'x.changes ACCEPTED',
    'x_1_amd64.changes;rm INSTALLED',
    '/etc/x_1_a.changes is NEW',
  ])('with a bad file name is forwarded: %s', async (subject) => {
    expect(await read(subject)).toMatchObject({ action: 'forward', decision: 'forward', notice: null });
  });
});

describe('where our mail server vouches for senders', () => {
  const results = (text: string) => ({ 'Authentication-Results': text });
  const read2 = (fields: Record<string, string>) => read(accepted, fields, 'x', careful);

  it.each([
    'mx.example.org; dkim=pass header.d=archive.example.org',
    'mx.example.org (comment); spf=none; dkim=fail header.d=list.example.org; dkim=pass (good) header.i=@example.org',
    'mx.example.org 1; dmarc=pass header.from=archive.example.org',
  ])('a notice is believed with %s', async (text) => {
    expect(await read2(results(text))).toMatchObject({ action: 'accepted', decision: 'apply' });
  });

  it.each([
    'mx.example.net; dkim=pass header.d=archive.example.org',
    'mx.example.org; dkim=pass header.d=mallory.example.org',
    'mx.example.org; spf=pass smtp.mailfrom=archive.example.org',
    'mx.example.org; dkim=pass',
    'mx.example.org; none',
  ])('a notice is forwarded with %s', async (text) => {
    expect(await read2(results(text))).toMatchObject({ decision: 'forward' });
  });

  it('a field below Received could be anybody’s and proves nothing', async () => {
    expect(
      await read2({
        Received: 'from x by mx.example.org',
        ...results('mx.example.org; dkim=pass header.d=archive.example.org'),
      }),
    ).toMatchObject({ decision: 'forward' });
  });

  it('a forged sender is not even taken for the archive', async () => {
    expect(await read2(results('mx.example.org; dmarc=fail header.from=archive.example.org'))).toMatchObject({
      action: 'forward',
      decision: 'forward',
    });
  });
});

describe('a notice of the queue daemon', () => {
  const file = 'hello_2.10-3_amd64.changes';
  const success = `${file} uploaded successfully to localhost\nalong with the files:\n  x.deb\n`;

  it('that all went well is forwarded, or only logged where that is configured', async () => {
    const logging = incomingContext({ auth: 'trusted_notices = ["dak@archive.example.org"]', more: {} });
    const context = { ...logging, conf: { ...logging.conf, log_queued_messages: true } };
    expect(await read(`Processing of ${file}`, {}, success)).toMatchObject({
      kind: 'queue-notice',
      action: 'queue-ok',
      decision: 'forward',
    });
    expect(await read(`Processing of ${file}`, {}, success, context)).toMatchObject({
      action: 'queue-ok',
      decision: 'apply',
    });
  });

  it('about anything else is forwarded', async () => {
    expect(await read(`Processing of ${file}`, {}, `${file} has bad PGP/GnuPG signature!\n`)).toMatchObject({
      action: 'forward',
      decision: 'forward',
    });
  });
});

describe('a new-version mail', () => {
  const subject = 'new version of hello (dist=unstable)';
  it('names the old and the new version', async () => {
    const body =
      "Package hello in version 1:2.10-3 is still being built by you in unstable.\nhello in\nversion 1:2.10-3.\nNow there's a new source version 1:2.10-4.\n";
    expect(await read(subject, {}, body)).toMatchObject({
      kind: 'new-version',
      action: 'new-version',
      decision: 'apply',
      package: 'hello',
      version: '1:2.10-3',
      dist: 'unstable',
      argument: '1:2.10-4',
    });
  });

  it.each([
    ['the old version is missing', subject, 'Now there is a new source version 2.10-4.'],
    ['a version is none', subject, 'in version 2_10. new source version 2.10-4.'],
    ['the package is none', 'new version of ../x (dist=unstable)', 'in version 1. new source version 2.'],
  ])('is forwarded when %s', async (_, Subject, body) => {
    expect(await read(Subject, {}, body)).toMatchObject({ action: 'forward', decision: 'forward' });
  });
});
