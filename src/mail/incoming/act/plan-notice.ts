// From a notice of the archive or of the store to a plan. Changes nothing. What a notice says is checked against the
// upload's own files and the store: it may be forged, late, or about somebody else's upload.
import { join } from 'node:path';
import type { BuilddConf } from '../../../config/buildd-conf.ts';
import type { Changes } from '../../../debian/changes.ts';
import { queueDirectory } from '../../../home/carry-out.ts';
import { readRedo } from '../../../home/redo.ts';
import { readChanges } from '../../../home/result-files.ts';
import { DataError } from '../../../platform/errors.ts';
import { answerNotice, forgetOldVersion, type NoticeFacts } from './effects-of-notice.ts';
import { carriedOut, dropped, type Plan } from './plan.ts';
import {
  distributionsMeant,
  queuedUploads,
  queueNames,
  standingOf,
  type QueuedUpload,
  type StandingPorts,
} from './standing.ts';
import type { Understood } from '../understood.ts';

export interface NoticePorts extends StandingPorts {
  conf(): BuilddConf;
}

/**
 * The plan for an archive's notice of ACCEPTED or INSTALLED.
 * @throws UnavailableError when the store cannot be reached.
 */
export async function planArchiveNotice(understood: Understood, ports: NoticePorts): Promise<Plan> {
  const name = understood.notice?.changes ?? null;
  if (name === null || understood.notice?.onlyLogged !== false)
    return dropped(`${understood.action}: only logged: ${understood.reason}`);
  const queued = queuedUploads(ports.paths, queueNames(ports.conf()), (changes) => changes === name);
  const verdict = answerNotice({ changes: name, queued, records: await recordsOf(queued, ports) });
  if (verdict.kind === 'log') return dropped(`${understood.action} ${name}: only logged: ${verdict.reason}`);
  return carriedOut(`${understood.action} ${name}: out of the upload queue`, [verdict.effect]);
}

const recordsOf = async (queued: readonly QueuedUpload[], ports: NoticePorts): Promise<NoticeFacts['records']> => {
  const [upload] = queued;
  const changes =
    upload === undefined ? null : changesIn(join(queueDirectory(ports.paths, upload.queue)), upload.changes);
  if (changes === null) return [];
  const records: { distribution: string; version: string; record: NoticeFacts['records'][number]['record'] }[] = [];
  for (const distribution of changes.distributions) {
    const entries = distributionsMeant(ports.conf(), distribution, null).filter((entry) =>
      changes.architectures.includes(entry.built_architecture),
    );
    const entry = entries.find(({ built_architecture }) => built_architecture !== 'all') ?? entries[0];
    const key =
      entry === undefined ? null : { package: changes.source, distribution, architecture: entry.built_architecture };
    records.push({ distribution, version: changes.version, record: key === null ? null : await ports.store.info(key) });
  }
  return records;
};

const changesIn = (directory: string, name: string): Changes | null => {
  try {
    return readChanges(directory, name);
  } catch (error) {
    if (error instanceof DataError) return null;
    throw error;
  }
};

/**
 * The plan for `new version of NAME`: the old version is forgotten here, unless it is being built now or the store
 * still wants it.
 * @throws UnavailableError when the store cannot be reached.
 */
export async function planNewVersion(understood: Understood, ports: NoticePorts): Promise<Plan> {
  const { package: name, version, dist } = understood;
  if (name === null || version === null || dist === null)
    return dropped(`new version: only logged: ${understood.reason}`);
  const effects = [];
  for (const entry of distributionsMeant(ports.conf(), dist, understood.architecture)) {
    const standing = await standingOf(ports, entry, { package: name, version });
    const isInRedo = readRedo(ports.paths).entries.some(
      (line) => line.package === name && line.version === version && line.distribution === dist,
    );
    effects.push(...(forgetOldVersion(standing, isInRedo ? 'in REDO' : 'not in REDO') ?? []));
  }
  const what = `new version of ${name} (dist=${dist}): ${version} is outdated`;
  return effects.length === 0 ? dropped(`${what}: nothing to do`) : carriedOut(what, effects);
}
