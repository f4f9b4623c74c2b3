// The file mail-blacklist, written by hand or by an admin's mail. That mail only ever adds one address, escaped, and
// never one under which an admin writes.
import type { AuthConf } from '../../../config/buildd-conf.ts';
import type { HomeDatabase } from '../../../home/database.ts';
import type { HomePaths } from '../../../home/paths.ts';
import { readTextIfThere, writeFileAtomically } from '../../../platform/atomic-file.ts';
import { blacklistLine, isBlacklisted, parseBlacklist } from './blacklist-lines.ts';

/** The patterns in the home's mail-blacklist; none where there is no such file. */
export function readBlacklist(paths: HomePaths): RegExp[] {
  return parseBlacklist(readTextIfThere(paths.blacklist) ?? '');
}

/** Adds an address, once; says why not where it would silence an admin, null when it is on the list. */
export function addToBlacklist(db: HomeDatabase, paths: HomePaths, address: string, auth: AuthConf): string | null {
  const line = blacklistLine(address);
  const silenced = auth.admins
    .flatMap((admin) => admin.addresses)
    .find((own) => isBlacklisted(parseBlacklist(line), own));
  if (silenced !== undefined) return `${silenced} is an admin's address; it cannot be blacklisted`;
  db.exclusively(() => {
    const text = readTextIfThere(paths.blacklist) ?? '';
    if (text.split('\n').includes(line)) return;
    writeFileAtomically(paths.blacklist, `${text}${text === '' || text.endsWith('\n') ? '' : '\n'}${line}\n`);
  });
  return null;
}
