// Debian versions: what is one, and which is newer (Debian policy §5.6.12, deb-version(7)).
// Verified against `dpkg --compare-versions`; what npm offers gets leading zeros and tildes wrong.

export interface ParsedVersion {
  readonly epoch: number;
  readonly upstream: string;
  /** Empty where the version has no hyphen. */
  readonly revision: string;
}

/** Splits a version; null if it is none. At most 200 characters. */
function parseVersion(text: string): ParsedVersion | null {
  if (text.length > 200) return null;
  const match = /^(?:(\d{1,9}):)?([0-9][A-Za-z0-9.+~:-]*?)(?:-([A-Za-z0-9.+~]+))?$/.exec(text);
  if (!match) return null;
  const [, epoch, upstream = '', revision = ''] = match;
  if (epoch === undefined && upstream.includes(':')) return null;
  return { epoch: Number(epoch ?? 0), upstream, revision };
}

/** Whether the text is a version that policy §5.6.12 allows. */
export function isVersion(text: string): boolean {
  return parseVersion(text) !== null;
}

const isDigit = (code: number): boolean => code >= 48 && code <= 57;

// Sort weight of a character that is no digit: `~` before the end, the end before letters, letters before the rest.
const weight = (code: number): number => {
  if (Number.isNaN(code) || isDigit(code)) return 0;
  if (code === 126) return -1;
  const letter = (code >= 65 && code <= 90) || (code >= 97 && code <= 122);
  return letter ? code : code + 256;
};

const comparePart = (a: string, b: string): number => {
  let i = 0;
  let j = 0;
  while (i < a.length || j < b.length) {
    while ((i < a.length && !isDigit(a.charCodeAt(i))) || (j < b.length && !isDigit(b.charCodeAt(j)))) {
      const difference = weight(a.charCodeAt(i)) - weight(b.charCodeAt(j));
      if (difference !== 0) return difference;
      i += 1;
      j += 1;
    }
    while (a[i] === '0') i += 1;
    while (b[j] === '0') j += 1;
    let firstDifference = 0;
    while (isDigit(a.charCodeAt(i)) && isDigit(b.charCodeAt(j))) {
      firstDifference ||= a.charCodeAt(i) - b.charCodeAt(j);
      i += 1;
      j += 1;
    }
    if (isDigit(a.charCodeAt(i))) return 1;
    if (isDigit(b.charCodeAt(j))) return -1;
    if (firstDifference !== 0) return firstDifference;
  }
  return 0;
};

const split = (version: string): [number, string, string] => {
  const colon = version.indexOf(':');
  const rest = version.slice(colon + 1);
  const hyphen = rest.lastIndexOf('-');
  return [
    colon < 0 ? 0 : Number(version.slice(0, colon)),
    hyphen < 0 ? rest : rest.slice(0, hyphen),
    hyphen < 0 ? '' : rest.slice(hyphen + 1),
  ];
};

/** Negative when a is older than b, 0 when they are equal, positive when a is newer (as dpkg orders them). */
export function compareVersions(a: string, b: string): number {
  if (a === b) return 0;
  const [epochA, upstreamA, revisionA] = split(a);
  const [epochB, upstreamB, revisionB] = split(b);
  return Math.sign(epochA - epochB || comparePart(upstreamA, upstreamB) || comparePart(revisionA, revisionB));
}

/** The version as file names have it: without the epoch. */
export function withoutEpoch(version: string): string {
  return version.slice(version.indexOf(':') + 1);
}

/** Splits off a binNMU number: `1.0-1+b2` is source version `1.0-1`, number 2; 0 where there is none. */
export function splitBinNmu(version: string): { readonly source: string; readonly number: number } {
  const match = /^(.+)\+b([1-9]\d{0,5})$/.exec(version);
  return match ? { source: match[1] ?? version, number: Number(match[2]) } : { source: version, number: 0 };
}

/** The version of the binaries: the source's, with `+bN` for a binNMU (N > 0). */
export function binaryVersion(sourceVersion: string, binNmu: number): string {
  return binNmu > 0 ? `${sourceVersion}+b${binNmu}` : sourceVersion;
}
