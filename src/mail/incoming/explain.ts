// What `buildd-mail --explain` prints of a mail: one JSON object, its keys always all there.
import type { Understood } from './understood.ts';

/** The line for one part of a mail; `file` is the name as the command line has it, `-` for standard input. */
export function explainLine(file: string, understood: Understood): string {
  const { part, kind, action, version, dist, argument, priority, sender, auth, decision, code, reason } = understood;
  const { method, ok, key } = auth;
  return JSON.stringify({
    file,
    part,
    kind,
    action,
    package: understood.package,
    version,
    dist,
    arch: understood.architecture,
    argument,
    priority,
    sender,
    auth: { method, ok, key, reason: auth.reason },
    decision,
    code,
    reason,
  });
}
