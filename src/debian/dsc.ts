// The .dsc file (policy §5.4): which source, which version, for which architectures. Signatures are not judged here.
import { DataError } from '../platform/errors.ts';
import { parseStanza } from './deb822.ts';
import { isArchitectureName, isPackageName } from './names.ts';
import { isVersion } from './version.ts';

interface SourceDescription {
  readonly source: string;
  readonly version: string;
  /** The words of the Architecture field, wildcards among them. */
  readonly architectures: readonly string[];
  /** Names of the binary packages. */
  readonly binaries: readonly string[];
  /** Of the first line of Package-List; null where there is none. With the component before it: `contrib/net`. */
  readonly section: string | null;
  readonly priority: string | null;
}

/** The text inside an OpenPGP clear signature (RFC 9580 §7); a text without one comes back as it is. */
function withoutClearSignature(text: string): string {
  const lines = text.split(/\r?\n/);
  const begin = lines.findIndex((line) => line.trim() !== '');
  if (lines[begin]?.trim() !== '-----BEGIN PGP SIGNED MESSAGE-----') return text;
  const blank = lines.findIndex((line, index) => index > begin && line.trim() === '');
  const end = lines.findIndex((line, index) => index > blank && line.startsWith('-----BEGIN PGP SIGNATURE-----'));
  if (blank < 0 || end < 0) return text;
  return lines
    .slice(blank + 1, end)
    .map((line) => (line.startsWith('- ') ? line.slice(2) : line))
    .join('\n');
}

/**
 * Reads a .dsc, signed or not.
 * @throws DataError with one line that names what, for anything that is missing or is not what it must be.
 */
export function parseDsc(text: string, what: string): SourceDescription {
  const stanza = parseStanza(withoutClearSignature(text), what);
  const field = (name: string): string => {
    const value = stanza.get(name.toLowerCase())?.trim() ?? '';
    if (value === '') throw new DataError(`${what}: has no ${name} field; a .dsc is expected`);
    return value;
  };
  const source = field('Source');
  const version = field('Version');
  if (!isPackageName(source)) throw new DataError(`${what}: Source is not a package name`);
  if (!isVersion(version)) throw new DataError(`${what}: Version is not a version`);
  const architectures = field('Architecture').split(/\s+/);
  if (!architectures.every(isArchitectureName)) {
    throw new DataError(`${what}: Architecture is not a list of architectures`);
  }
  const binaries = (stanza.get('binary') ?? '').split(/[\s,]+/).filter((name) => name !== '');
  if (!binaries.every(isPackageName)) throw new DataError(`${what}: Binary is not a list of package names`);
  return { source, version, architectures, binaries, ...sectionOf(stanza.get('package-list')) };
}

const sectionOf = (list: string | undefined): Pick<SourceDescription, 'section' | 'priority'> => {
  const first = (list ?? '').split('\n').find((line) => line.trim() !== '');
  const [, , section = '', priority = ''] = (first ?? '').trim().split(/\s+/);
  const word = /^[a-z][a-z0-9/-]{0,49}$/;
  return { section: word.test(section) ? section : null, priority: word.test(priority) ? priority : null };
};
