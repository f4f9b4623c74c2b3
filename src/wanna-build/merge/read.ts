// Reads the indexes of an archive into what a merge decides on: the newest version of each source, and its binaries.
import { DataError } from '../../platform/errors.ts';
import { readIndex, type IndexStanza } from '../../debian/indexes.ts';
import { isArchitectureName, isPackageName } from '../../debian/names.ts';
import { compareVersions, isVersion, splitBinNmu } from '../../debian/version.ts';
import type { ArchiveBinaries, ArchiveBinary, ArchiveSource } from './status.ts';

const sourceFields = new Set(['package', 'version', 'architecture', 'binary', 'section', 'priority']);
const binaryFields = new Set(['package', 'version', 'architecture', 'source']);

const words = (text: string | undefined, separator: RegExp): string[] =>
  (text ?? '').split(separator).filter((word) => word !== '');

/** The newest version of each source in the files. @throws DataError naming file and package. */
export async function readSources(paths: readonly string[]): Promise<Map<string, ArchiveSource>> {
  const sources = new Map<string, ArchiveSource>();
  for (const path of paths) {
    for await (const stanza of readIndex(path, { fields: sourceFields })) {
      const source = sourceOf(stanza, path);
      const known = sources.get(source.name);
      if (known === undefined || compareVersions(source.version, known.version) > 0) sources.set(source.name, source);
    }
  }
  return sources;
}

const nameAndVersion = (stanza: IndexStanza, path: string): { name: string; version: string } => {
  const name = stanza.get('package') ?? '';
  const version = stanza.get('version') ?? '';
  if (!isPackageName(name)) throw new DataError(`${path}: a stanza without a package name: "${name.slice(0, 60)}"`);
  if (!isVersion(version)) throw new DataError(`${path}: ${name}: Version is not a version: "${version.slice(0, 60)}"`);
  return { name, version };
};

const sourceOf = (stanza: IndexStanza, path: string): ArchiveSource => {
  const { name, version } = nameAndVersion(stanza, path);
  const architectures = words(stanza.get('architecture'), /\s+/);
  if (!architectures.every(isArchitectureName))
    throw new DataError(`${path}: ${name}: Architecture is not a list of architectures`);
  const [component, section] = componentAndSection(word(stanza.get('section')));
  const binaries = words(stanza.get('binary'), /[\s,]+/);
  return { name, version, architectures, binaries, section, component, priority: word(stanza.get('priority')) };
};

// They stand in every list, on terminals and in mails: what is no word counts as not given.
const word = (text: string | undefined): string | null =>
  text !== undefined && /^[A-Za-z0-9][A-Za-z0-9+./_-]{0,99}$/.test(text) ? text : null;

/** `contrib/net` is section net of contrib; without a component it is main. */
export function componentAndSection(text: string | null): readonly [string, string | null] {
  const slash = text?.lastIndexOf('/') ?? -1;
  return text === null || slash < 0 ? ['main', text] : [text.slice(0, slash), text.slice(slash + 1)];
}

/** The binaries that count for an architecture. @throws DataError naming file and package. */
export async function readBinaries(
  paths: readonly string[],
  sources: ReadonlyMap<string, ArchiveSource>,
  architecture: string,
): Promise<ArchiveBinaries> {
  const bySource = new Map<string, ArchiveBinary[]>();
  const archAll = new Map<string, ArchiveBinary>();
  for (const path of paths) {
    for await (const stanza of readIndex(path, { fields: binaryFields })) {
      const binary = binaryOf(stanza, path);
      if (binary.architecture !== 'all' && binary.architecture !== architecture) continue;
      if (binary.architecture === 'all' && architecture !== 'all' && isOutdated(binary, sources)) continue;
      if (binary.architecture === 'all') archAll.set(binary.name, binary);
      if (binary.architecture !== architecture) continue;
      const list = bySource.get(binary.source);
      if (list === undefined) bySource.set(binary.source, [binary]);
      else list.push(binary);
    }
  }
  return { bySource, archAll };
}

const isOutdated = (binary: ArchiveBinary, sources: ReadonlyMap<string, ArchiveSource>): boolean => {
  const source = sources.get(binary.source);
  return source !== undefined && compareVersions(binary.sourceVersion, source.version) < 0;
};

const binaryOf = (stanza: IndexStanza, path: string): ArchiveBinary => {
  const { name, version } = nameAndVersion(stanza, path);
  const [source = name, inParentheses] = words(stanza.get('source'), /[\s()]+/);
  if (inParentheses !== undefined && !isVersion(inParentheses)) {
    throw new DataError(`${path}: ${name}: Source has no version in its parentheses: "${inParentheses.slice(0, 60)}"`);
  }
  const own = splitBinNmu(version);
  return {
    name,
    source,
    sourceVersion: inParentheses ?? own.source,
    binNmu: own.number,
    architecture: stanza.get('architecture') ?? '',
  };
};
