// Who gets a mail about a build, whose copy proves something, and who signs. Pure.
import type { BuilddConf } from '../../config/buildd-conf.ts';
import type { Build } from '../../home/builds.ts';
import { isAddress, parseMailbox, type Mailbox } from './header.ts';

export interface Recipient {
  /** Lower case. */
  readonly address: string;
  /** Only the copy to an address of an [[auth.admins]] entry (or of admin_addresses) authorises. */
  readonly authorises: boolean;
}

type Conf = Pick<BuilddConf, 'admin_mail' | 'distributions' | 'auth' | 'mail'>;
type About = Pick<Build, 'distribution' | 'architecture'>;

const entryOf = (conf: Conf, about: About): BuilddConf['distributions'][number] | undefined => {
  const named = conf.distributions.filter((entry) => entry.dist_name === about.distribution);
  return named.find((entry) => entry.built_architecture === about.architecture) ?? named[0];
};

const recipientsFrom = (conf: Conf, addresses: readonly string[]): Recipient[] => {
  const admins = new Set(conf.auth.admins.flatMap((admin) => admin.addresses));
  const unique = new Set(addresses.map((address) => address.toLowerCase()).filter(isAddress));
  return [...unique].map((address) => ({ address, authorises: admins.has(address) }));
};

const mainAddress = (conf: Conf, about: About): string => entryOf(conf, about)?.logs_mailed_to ?? conf.admin_mail;

/** Recipients of a log mail: logs_mailed_to (else admin_mail), logs_mail_also, and what the take asked for. */
export function logRecipients(conf: Conf, build: Pick<Build, 'distribution' | 'architecture' | 'take'>): Recipient[] {
  const asked = build.take.mailLogs?.split(/[\s,]+/).slice(0, 20) ?? [];
  return recipientsFrom(conf, [mainAddress(conf, build), ...(entryOf(conf, build)?.logs_mail_also ?? []), ...asked]);
}

/** Who is asked "Should I build": logs_mailed_to, else admin_mail. */
export function askedRecipients(conf: Conf, build: About): Recipient[] {
  return recipientsFrom(conf, [mainAddress(conf, build)]);
}

/** The From of mails about a distribution: its `mailfrom`, else the buildd's own address. */
export function senderFor(conf: Conf, build: About): Mailbox {
  const mailFrom = entryOf(conf, build)?.mailfrom;
  return (mailFrom === undefined ? null : parseMailbox(mailFrom)) ?? { name: '', address: conf.mail.address };
}

/** Who signs the .changes of a build: the buildd itself where its distribution has sign_with. */
export function signerOf(conf: Conf, build: About): 'admin' | 'buildd' {
  return entryOf(conf, build)?.sign_with === undefined ? 'admin' : 'buildd';
}
