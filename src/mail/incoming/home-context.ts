// What understanding a mail needs, read from a home: keys, blacklist, the letters that a token may belong to.
import type { BuilddConf } from '../../config/buildd-conf.ts';
import type { HomeDatabase } from '../../home/database.ts';
import { lettersOfBuild, type GivenAnswer, type Letter as SentLetter } from '../../home/letters.ts';
import type { HomePaths } from '../../home/paths.ts';
import type { Clock } from '../../platform/clock.ts';
import { readBlacklist } from './classify/blacklist.ts';
import type { IncomingContext, Letter, TokenPort } from './context.ts';
import { readKeyring, type ArmoredKeys } from './signature/keyring.ts';

export interface ContextPorts {
  readonly paths: HomePaths;
  readonly db: HomeDatabase;
  readonly secret: Uint8Array;
  readonly clock: Clock;
  conf(): BuilddConf;
}

/**
 * Gives the context anew for each mail, so that a key taken out of the ring counts from the next mail on.
 * @throws (when called) ConfigurationError for a keyring that cannot be read.
 */
export function homeContext(ports: ContextPorts): () => IncomingContext {
  let keys: ArmoredKeys = [];
  return () => {
    const read = readKeyring(ports.conf().auth, ports.paths.root);
    // The same array while nothing changed: its keys are parsed once.
    if (read.length !== keys.length || read.some((block, index) => block !== keys[index])) keys = read;
    return {
      conf: ports.conf(),
      now: ports.clock.now(),
      keys,
      tokens: tokenPort(ports.db, ports.secret),
      blacklist: readBlacklist(ports.paths),
    };
  };
}

/** What tokens are checked with: the letters of home.db and the home's secret. */
export function tokenPort(db: HomeDatabase, secret: Uint8Array): TokenPort {
  return {
    secret,
    lettersOf: (build) =>
      lettersOfBuild(db, build)
        .filter((letter) => letter.authorises)
        .map(letterOf),
  };
}

const letterOf = (letter: SentLetter): Letter => ({
  kind: letter.kind,
  recipient: letter.recipient,
  build: letter.build,
  claim: letter.claim,
  package: letter.package,
  version: letter.version,
  distribution: letter.distribution,
  architecture: letter.architecture,
  messageId: letter.messageId.replace(/^<|>$/g, ''),
  created: letter.created,
  answered: letter.answered === null ? null : answeredBy(letter.answered),
  approved: letter.answered?.keyword === 'changes' ? 'approved' : 'not approved',
});

/** What happened to a letter since it was sent, as the end of a sentence about it. */
export function answeredBy({ keyword, by, at }: GivenAnswer): string {
  const time = at.toISOString().slice(0, 16).replace('T', ' ');
  return `was answered already: "${keyword}" by ${by}, ${time} UTC`;
}
