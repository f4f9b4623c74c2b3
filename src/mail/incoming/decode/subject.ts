// What a subject says the mail is about. Reply prefixes and list tags of any number come off first; the names in it
// are given back as they stand, together with whether they are names. Never throws.
import { isArchitectureName, isDistributionName, isPackageName } from '../../../debian/names.ts';
import { isVersion } from '../../../debian/version.ts';
import { stripPrefixes } from './reply-prefix.ts';

export interface AboutBuild {
  readonly kind: 'log-reply' | 'should-build-reply';
  /** Null where it is no package name; likewise the next three. */
  readonly package: string | null;
  readonly version: string | null;
  readonly distribution: string | null;
  /** Null also where the subject names none. */
  readonly architecture: string | null;
  /** What is no name, for the answer; null when all are. */
  readonly badName: string | null;
}

export type About =
  | AboutBuild
  | { readonly kind: 'digest-reply' }
  | {
      readonly kind: 'archive-notice';
      readonly verb: 'installed' | 'accepted' | 'new-queue' | 'rejected';
      readonly changes: string;
      readonly into: string | null;
    }
  | {
      readonly kind: 'mini-dinstall';
      readonly package: string;
      readonly version: string;
      readonly distribution: string;
    }
  | { readonly kind: 'queue-notice'; readonly changes: string }
  | { readonly kind: 'new-version'; readonly package: string; readonly distribution: string }
  | { readonly kind: 'other' };

/** The subject of the digest mail begins with this. */
const digestSubject = 'Builds that wait for your answer';

const nameVersion = (text: string): Pick<AboutBuild, 'package' | 'version'> => {
  const underscore = text.indexOf('_');
  const name = underscore < 0 ? text : text.slice(0, underscore);
  const version = underscore < 0 ? '' : text.slice(underscore + 1);
  const whole = isPackageName(name) && isVersion(version);
  return { package: whole ? name : null, version: whole ? version : null };
};

const aboutBuild = (kind: AboutBuild['kind'], nv: string, dist: string, arch: string | undefined): AboutBuild => {
  const names = nameVersion(nv);
  const distribution = isDistributionName(dist) ? dist : null;
  const architecture = arch !== undefined && isArchitectureName(arch) ? arch : null;
  const bad =
    names.package === null
      ? nv
      : distribution === null
        ? dist
        : arch !== undefined && architecture === null
          ? arch
          : null;
  return { kind, ...names, distribution, architecture, badName: bad };
};

const replyTo = (text: string): About | null => {
  const log = /^Log for \S+ build of (\S+)(?: on (\S+))? \((?:dist=([^\s()]+)|[^\s()/=]+\/([^\s()]+))\)$/.exec(text);
  if (log) return aboutBuild('log-reply', log[1] ?? '', log[3] ?? log[4] ?? '', log[2]);
  const ask = /^Should I build (\S+) \(dist=([^\s()]+)\) ?\??$/.exec(text);
  if (ask) return aboutBuild('should-build-reply', ask[1] ?? '', ask[2] ?? '', undefined);
  return text.startsWith(digestSubject) ? { kind: 'digest-reply' } : null;
};

const verbs = { INSTALLED: 'installed', ACCEPTED: 'accepted', 'is NEW': 'new-queue', REJECTED: 'rejected' } as const;
type Verb = keyof typeof verbs;

const notice = (text: string): About | null => {
  const archive = /^(\S+\.changes) (INSTALLED|ACCEPTED|is NEW|REJECTED)(?: into (\S.*))?$/.exec(text);
  if (archive) {
    // The expression allows nothing but the four.
    return {
      kind: 'archive-notice',
      verb: verbs[archive[2] as Verb],
      changes: archive[1] ?? '',
      into: archive[3] ?? null,
    };
  }
  const queue = /^Processing of (\S+\.changes)$/.exec(text);
  if (queue) return { kind: 'queue-notice', changes: queue[1] ?? '' };
  const fresh = /^new version of (\S+) \(dist=([^\s()]+)\)$/.exec(text);
  if (fresh) return { kind: 'new-version', package: fresh[1] ?? '', distribution: fresh[2] ?? '' };
  const mini = /^mini-dinstall: Successfully installed (\S+) (\S+) to (\S+)$/.exec(text);
  return mini && { kind: 'mini-dinstall', package: mini[1] ?? '', version: mini[2] ?? '', distribution: mini[3] ?? '' };
};

/** Reads a decoded subject. Notices count only without a reply prefix, replies only with one. */
export function readSubject(subject: string): About {
  const { text, isReply } = stripPrefixes(subject);
  return (isReply ? replyTo(text) : notice(text)) ?? { kind: 'other' };
}

interface ChangesName {
  readonly package: string;
  /** Without epoch, as file names have it. */
  readonly version: string;
  readonly architecture: string;
}

/** Reads `NAME_VERSION_ARCH.changes` (also `_ARCH-buildd.changes`); null if it is no such name. */
export function readChangesName(file: string): ChangesName | null {
  const [, name = '', version = '', architecture = ''] = /^([^_/]+)_([^_/]+)_([a-z0-9+-]+)\.changes$/.exec(file) ?? [];
  if (file.length > 255 || !isPackageName(name) || !isVersion(version) || version.includes(':')) return null;
  return { package: name, version, architecture: architecture.replace(/-buildd$/, '') };
}
