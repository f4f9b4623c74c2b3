import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { keyBlocks } from '../../../src/mail/incoming/signature/keyring.ts';
import { understand } from '../../../src/mail/incoming/understand.ts';
import type { Understood } from '../../../src/mail/incoming/understood.ts';
import { incomingContext } from '../../support/incoming-mail.ts';

interface Row {
  readonly file: string;
  readonly intent: string;
  readonly alt: readonly string[];
  readonly must_not: readonly string[];
  readonly strict_intent?: string;
  readonly soft: boolean;
  readonly why: string;
}

interface Corpus {
  readonly assumed_now: string;
  readonly admins: readonly string[];
  readonly daemon_address: string;
  readonly trusted_authserv_id: string;
  readonly trusted_notice_senders: Readonly<Record<string, readonly string[]>>;
  readonly dists: readonly string[];
}

const directory = join(import.meta.dirname, '../../../../shared/mail-corpus');
const isThere = existsSync(join(directory, 'expected.jsonl'));
const read = (file: string): string => readFileSync(join(directory, file), 'utf8');
const lines = isThere ? read('expected.jsonl').trim().split('\n') : [];
const rows = lines.map((line) => JSON.parse(line) as Row);

const context = (accept: readonly string[]) => {
  const corpus = JSON.parse(read('context.json')) as Corpus;
  const list = JSON.stringify;
  const auth = `admin_addresses = ${list(corpus.admins)}
accept = ${list(accept)}
trusted_notices = ${list(Object.values(corpus.trusted_notice_senders).flat())}
trusted_authserv_id = ${list(corpus.trusted_authserv_id)}`;
  const base = incomingContext({ auth });
  const [distribution] = base.conf.distributions;
  if (distribution === undefined) throw new Error('no distribution');
  const distributions = corpus.dists.map((dist_name) => ({ ...distribution, dist_name }));
  const keys = ['admin', 'admin-expired', 'admin-revoked'].flatMap((key) => keyBlocks(read(`keys/${key}.asc`)));
  const conf = { ...base.conf, distributions, mail: { ...base.conf.mail, address: corpus.daemon_address } };
  return { ...base, conf, keys, now: new Date(corpus.assumed_now) };
};

const notices = ['installed', 'accepted', 'rejected', 'new-queue', 'queue-ok', 'new-version'];
const intentOf = ({ kind, action, decision, code }: Understood): string => {
  if (kind === 'bounce') return 'bounce';
  if (kind === 'auto-reply' || decision === 'drop') return 'autoreply';
  if (decision === 'forward' && !notices.includes(action)) return 'forward';
  if (decision !== 'refuse') return action;
  return code === 'unauthenticated' ? 'reject-auth' : 'reject-bad-keyword';
};

describe.skipIf(!isThere)('the shared mail corpus (skipped only where ../shared is not beside the checkout)', () => {
  const permissive = isThere ? context(['signature', 'token', 'sender']) : null;
  const strict = isThere ? context(['signature', 'token']) : null;

  it.each(rows.map((row) => [row.file, row] as const))('%s is understood as expected', async (file, row) => {
    if (permissive === null || strict === null) throw new Error('no corpus');
    const raw = readFileSync(join(directory, file));
    const [lax] = await understand(raw, permissive);
    const [careful] = await understand(raw, strict);
    if (lax === undefined || careful === undefined) throw new Error('no answer');
    expect(row.soft ? [row.intent, ...row.alt] : [row.intent], row.why).toContain(intentOf(lax));
    if (row.strict_intent !== undefined)
      expect([row.strict_intent, 'reject-bad-keyword', 'forward']).toContain(intentOf(careful));
    for (const understood of [lax, careful]) expect(row.must_not, row.why).not.toContain(intentOf(understood));
  });
});
