// Mails that answer nothing but command something: `blacklist ADDRESS`, `help`, `status`. The command must be the only
// line; anything else is a letter for the admin.
import { adminsByAddress, mayDo } from '../authorize/authorize.ts';
import { isBlacklisted, blacklistLine, parseBlacklist } from '../classify/blacklist-lines.ts';
import { answerText } from '../decode/content.ts';
import type { IncomingContext } from '../context.ts';
import { parseMailbox } from '../decode/mailbox.ts';
import { applied, draftOf, forwarded, notUnderstood, unauthenticated, type Draft } from '../classify/outcome.ts';
import { proveKeyword, type Proof } from '../authorize/proof.ts';
import { readText, type Incoming } from '../signature/reading.ts';
import { isSignatureSeparator } from './quotation.ts';
import type { Understood } from '../understood.ts';

interface OwnCommand {
  readonly action: 'blacklist' | 'help' | 'status';
  readonly argument: string;
}

const onlyLine = (text: string): string | null => {
  const lines = text.slice(0, 20_000).split('\n');
  const end = lines.findIndex(isSignatureSeparator);
  const own = (end < 0 ? lines : lines.slice(0, end)).filter((line) => line.trim() !== '');
  return own.length === 1 ? (own[0] ?? '').replace(/\s+/gu, ' ').trim() : null;
};

const commandIn = (text: string): OwnCommand | null => {
  const [, word = '', argument = ''] = /^(blacklist|help|status)(?: (\S{1,320}))?$/i.exec(onlyLine(text) ?? '') ?? [];
  const action = word.toLowerCase();
  if (action === 'blacklist') return argument === '' ? null : { action, argument };
  return (action === 'help' || action === 'status') && argument === '' ? { action, argument } : null;
};

// `Subject: help` without a text says it all.
const commandOf = (text: string, incoming: Incoming): OwnCommand | null =>
  commandIn(text) ?? (isBareHelp(text, incoming) ? { action: 'help', argument: '' } : null);

const isBareHelp = (text: string, { envelope }: Incoming): boolean => {
  const [subject = ''] = envelope.subjects;
  const lines = text.slice(0, 20_000).split('\n');
  const [first] = lines.filter((line) => line.trim() !== '');
  return /^\s*help\s*$/i.test(subject.slice(0, 100)) && (first === undefined || isSignatureSeparator(first));
};

// Signed text is not known before it is verified; that there may be a command in it is enough to look.
const mayHoldCommand = (incoming: Incoming): boolean => {
  const signed = incoming.contents.some(
    (content) => content.kind !== 'text' || content.text.includes('-----BEGIN PGP '),
  );
  return signed || commandOf(answerText(incoming.contents), incoming) !== null;
};

const blacklist = (address: string, draft: Draft, proof: Proof, { conf }: IncomingContext): Understood => {
  const mailbox = parseMailbox(address);
  if (mailbox?.includes('@') !== true)
    return notUnderstood(draft, proof, `"${address.slice(0, 80)}" is not a mail address`);
  const line = parseBlacklist(blacklistLine(mailbox));
  if (conf.auth.admins.some((admin) => admin.addresses.some((own) => isBlacklisted(line, own)))) {
    return notUnderstood(draft, proof, `${mailbox} is an admin's address; it cannot be blacklisted`);
  }
  return applied({ ...draft, argument: mailbox }, proof, 'blacklist', `${mailbox} will not be heard any more`);
};

const obey = (command: OwnCommand, incoming: Incoming, proof: Proof, context: IncomingContext): Understood => {
  const draft = draftOf(incoming, command.action === 'blacklist' ? 'blacklist' : 'command');
  if (command.action !== 'blacklist')
    return applied(draft, proof, command.action, `${command.action}, asked by an admin`);
  if (!mayDo(proof.admins, 'blacklist', null) && !mayDo(proof.admins, 'command', null)) {
    return unauthenticated(draft, { ...proof.auth, ok: false, reason: 'this admin may not blacklist' }, context);
  }
  return blacklist(command.argument, draft, proof, context);
};

/** A mail that is about nothing we know: a command of an admin, else forwarded. */
export async function understandOther(incoming: Incoming, context: IncomingContext): Promise<Understood> {
  const letter = forwarded(draftOf(incoming, 'other'), 'a mail for the admin');
  if (incoming.envelope.twoOfOne !== null || !mayHoldCommand(incoming)) return letter;
  const reading = await readText(incoming.contents, context);
  if (reading.kind === 'refused') return letter;
  const command = commandOf(reading.kind === 'signed' ? reading.signed.text : reading.text, incoming);
  if (command === null) return letter;
  const proof = proveKeyword(reading, incoming, context);
  const replay = reading.kind === 'signed' ? reading.signed.verification.replay : null;
  if (proof.auth.ok) return { ...obey(command, incoming, proof, context), replay };
  // A stranger's "blacklist" is no concern of the stranger's; an admin learns what is missing.
  if (adminsByAddress(context.conf.auth, incoming.envelope.sender).length === 0) return letter;
  const draft = draftOf(incoming, command.action === 'blacklist' ? 'blacklist' : 'command');
  const unprovenWish = command.action === 'help' && reading.kind === 'unsigned' ? 'help' : null;
  return unauthenticated({ ...draft, unprovenWish }, proof.auth, context);
}
