// Signed uploads, with keys that gpg makes for the test.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { runUploader } from '../../src/uploader/upload.ts';
import { makeKey, type SigningKey } from '../support/admin-key.ts';
import { changesText, homeConf, namesIn, putUpload, uploadHome, type UploadHome } from '../support/upload-home.ts';

let admin: SigningKey;
let stranger: SigningKey;
beforeAll(() => {
  admin = makeKey('Admin <admin@example.org>');
  stranger = makeKey('Stranger <stranger@example.org>');
});
afterAll(() => {
  admin.remove();
  stranger.remove();
});

const homes: UploadHome[] = [];
afterEach(async () => {
  for (const home of homes.splice(0)) await home.close();
});

/** Runs the uploader over one .changes of this text; its notices joined, empty when it went to the archive. */
const upload = async (text: string, auth = '[auth]\nadmin_keyring = "admins.asc"\n'): Promise<string> => {
  const home = await uploadHome(`${homeConf}${auth}[[upload_queues]]\nprogram = "copy"\ntarget = "incoming"\n`);
  homes.push(home);
  writeFileSync(join(home.paths.root, 'admins.asc'), admin.publicKey);
  const queue = join(home.paths.root, 'upload');
  mkdirSync(queue);
  const name = putUpload(queue, { distribution: 'elsewhere' });
  writeFileSync(join(queue, name), text);
  await runUploader(home);
  const arrived = namesIn(join(home.paths.root, 'incoming'));
  expect(arrived).toEqual(home.notices.length === 0 ? ['greet_1.0_amd64.changes', 'greet_1.0_amd64.deb'] : []);
  if (arrived.length > 0) expect(readFileSync(join(home.paths.root, 'incoming', name), 'utf8')).toBe(text);
  return home.notices.map((notice) => notice.text).join('\n');
};

const ours = (): string => changesText({ distribution: 'elsewhere' });

describe('a signed .changes', () => {
  it('by an admin goes to the archive as it is', async () => {
    expect(await upload(admin.clearsign(ours()))).toBe('');
  });

  it('by a stranger is refused', async () => {
    expect(await upload(stranger.clearsign(ours()))).toContain('the signature is by a key that is not in the keyring');
  });

  it('that was changed afterwards is refused', async () => {
    expect(await upload(admin.clearsign(ours()).replace('Urgency: medium', 'Urgency: high'))).toContain(
      'the signature is bad',
    );
  });

  it('by anybody goes to the archive where no key is known: the archive decides', async () => {
    expect(await upload(stranger.clearsign(ours()), '')).toBe('');
  });

  it.each([
    [
      'text before it',
      (text: string) => `Files:\n ${'0'.repeat(32)} 1 a b $(reboot)\n${text}`,
      'there is text around the signed part',
    ],
    ['text after it', (text: string) => `${text}Files:\n`, 'there is text around the signed part'],
    ['a second signed part', (text: string) => `${text}${text}`, 'has more than one signed part'],
    ['no end', (text: string) => text.slice(0, -80), 'the signature is broken: the signature has no end'],
  ])('with %s is refused', async (_what, change, reason) => {
    expect(await upload(change(admin.clearsign(ours())))).toContain(reason);
  });
});
