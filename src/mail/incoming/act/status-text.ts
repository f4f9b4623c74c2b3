// The answer to `status`: where a package stands, for people. Pure.
import type { Standing } from './standing.ts';
import { versionOf } from './state-check.ts';

/** The answer to `status`. */
export const statusText = (standing: Standing): string => {
  const { record, package: name, distribution, architecture } = standing;
  if (record === null) return `${name} is not registered in ${distribution} on ${architecture}.`;
  const lines = [
    `${name}_${versionOf(record)} (dist=${distribution}) on ${architecture} is ${record.state} since ${record.state_change.toISOString().slice(0, 16).replace('T', ' ')} UTC.`,
    record.builder === null ? null : `Taken by ${record.builder}.`,
    record.state === 'Dep-Wait' && record.depends !== null ? `Waits for ${record.depends}.` : null,
    record.state === 'Failed' && record.failed !== null ? `Reason:\n${record.failed}` : null,
    record.state === 'BD-Uninstallable' && record.bd_problem !== null ? record.bd_problem : null,
    standing.running ? 'It is being built here now.' : null,
  ];
  return lines.filter((line) => line !== null).join('\n');
};
