// Who runs this process, for the transaction log and as the default builder name. It never throws: in a container
// the user is often only a number.
import { userInfo } from 'node:os';

/** The login name; `uid1234` for a user that the system has no name for. */
export function loginName(): string {
  try {
    return userInfo().username;
  } catch {
    return `uid${process.getuid?.() ?? 0}`;
  }
}
