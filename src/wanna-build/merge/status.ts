// How far a source is on an architecture, by what its archive's indexes say of it. Pure; the rules are the order in
// which the existing servers decide, so that a merge gives the same rows.
import { architectureMatches } from '../../debian/architecture.ts';
import { excludes, type ArchitectureRules } from '../../debian/packages-arch-specific.ts';
import { compareVersions } from '../../debian/version.ts';

/** A source of the Sources index, its newest version. */
export interface ArchiveSource {
  readonly name: string;
  readonly version: string;
  /** The words of the Architecture field. */
  readonly architectures: readonly string[];
  readonly binaries: readonly string[];
  readonly section: string | null;
  readonly priority: string | null;
  readonly component: string;
}

/** A binary of the Packages index. */
export interface ArchiveBinary {
  readonly name: string;
  readonly source: string;
  readonly sourceVersion: string;
  /** 0: not a binNMU. */
  readonly binNmu: number;
  readonly architecture: string;
}

export interface ArchiveBinaries {
  /** By their source's name; only those of the architecture that is merged. */
  readonly bySource: ReadonlyMap<string, readonly ArchiveBinary[]>;
  /** By their own name; only arch-all ones. */
  readonly archAll: ReadonlyMap<string, ArchiveBinary>;
}

export type ArchiveStatus =
  | { readonly kind: 'installed'; readonly binNmu: number }
  | {
      readonly kind:
        | 'out-of-date'
        | 'uncompiled'
        | 'arch-all-only'
        | 'arch-not-in-arch-list'
        | 'packages-arch-specific'
        | 'overwritten-by-arch-all';
    };

/** The status of a source on an architecture. */
export function statusOf(
  source: ArchiveSource,
  binaries: ArchiveBinaries,
  architecture: string,
  rules: ArchitectureRules,
): ArchiveStatus {
  const compiled = compiledStatus(source, binaries);
  const forUs = source.architectures.some((word) => architectureMatches(word, architecture));
  if (architecture !== 'all' && source.architectures.join(' ') === 'all') return { kind: 'arch-all-only' };
  if (!forUs && compiled.kind !== 'installed') return { kind: 'arch-not-in-arch-list' };
  if (excludes(rules, `%${source.name}`, architecture)) return { kind: 'packages-arch-specific' };
  return withoutAnythingToBuild(source, binaries, architecture, rules) ?? compiled;
}

const compiledStatus = (source: ArchiveSource, binaries: ArchiveBinaries): ArchiveStatus => {
  const own = binaries.bySource.get(source.name) ?? [];
  const current = own.filter((binary) => compareVersions(binary.sourceVersion, source.version) === 0);
  if (current.length > 0) {
    return { kind: 'installed', binNmu: current.reduce((most, binary) => Math.max(most, binary.binNmu), 0) };
  }
  return { kind: own.length > 0 ? 'out-of-date' : 'uncompiled' };
};

const withoutAnythingToBuild = (
  source: ArchiveSource,
  binaries: ArchiveBinaries,
  architecture: string,
  rules: ArchitectureRules,
): ArchiveStatus | null => {
  const excluded = (name: string): boolean => excludes(rules, name, architecture);
  const provided = (name: string): boolean => architecture !== 'all' && binaries.archAll.has(name);
  if (source.binaries.length === 0 || !source.binaries.every((name) => excluded(name) || provided(name))) return null;
  return { kind: source.binaries.some(excluded) ? 'packages-arch-specific' : 'overwritten-by-arch-all' };
};

/**
 * A newer binary that this source built: the Sources index is behind what the archive has. Null when there is none.
 */
export function newerBinary(source: ArchiveSource, binaries: ArchiveBinaries): ArchiveBinary | null {
  const newer = (binaries.bySource.get(source.name) ?? []).find(
    (binary) => compareVersions(binary.sourceVersion, source.version) > 0 && source.binaries.includes(binary.name),
  );
  return newer ?? null;
}
