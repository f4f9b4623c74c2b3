// Packages and Sources of an archive (policy §5.1), read as a stream: a whole archive's are 100 MB and more, so only
// one stanza at a time is in memory. .gz is unpacked here, .xz and .zst by the system's programs.
import { spawn } from 'node:child_process';
import { createReadStream } from 'node:fs';
import { createGunzip } from 'node:zlib';
import { DataError, messageOf, systemCodeOf, UnavailableError } from '../platform/errors.ts';

/** Field names in lower case; continuation lines joined by `\n`. Only the fields that were asked for are there. */
export type IndexStanza = ReadonlyMap<string, string>;

const longestLine = 4 * 1024 * 1024;
const longestStanza = 8 * 1024 * 1024;
const defaultLimit = 4 * 1024 * 1024 * 1024;

interface IndexOptions {
  /** Names of the wanted fields, in lower case. */
  readonly fields: ReadonlySet<string>;
  /** Bytes after unpacking at which reading stops with an error: a small file may unpack to terabytes. */
  readonly limit?: number;
}

/**
 * The stanzas of an index file, one after the other: plain, .gz, .xz or .zst by its name.
 * @throws DataError naming file and line for what is no index; UnavailableError where xz or zstd is not installed.
 */
export async function* readIndex(path: string, options: IndexOptions): AsyncGenerator<IndexStanza> {
  const limit = options.limit ?? defaultLimit;
  const reader = stanzaReader(path, options.fields);
  let rest: Buffer = Buffer.alloc(0);
  let bytes = 0;
  for await (const chunk of bytesOf(path)) {
    bytes += chunk.length;
    if (bytes > limit) throw new DataError(`${path}: unpacks to more than ${limit} bytes`);
    const joined = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    const end = joined.lastIndexOf(newline) + 1;
    yield* reader.read(joined.subarray(0, end));
    rest = joined.subarray(end);
    if (rest.length > longestLine) throw new DataError(`${path}: has a line of more than ${longestLine} bytes`);
  }
  // A last line without an end, and a blank one that closes the last stanza.
  yield* reader.read(Buffer.concat([rest, Buffer.from('\n\n')]));
}

const newline = 0x0a;
const isBlank = (byte: number | undefined): boolean =>
  byte === 0x20 || byte === 0x09 || byte === 0x0d || byte === 0x0b || byte === 0x0c;

// Works on bytes and makes strings only of what was asked for: most of an index is not, and a string cut from a
// bigger one would keep all of it in memory.
const stanzaReader = (path: string, fields: ReadonlySet<string>) => {
  const lengths = new Set([...fields].map((name) => name.length));
  let stanza = new Map<string, string>();
  // The field that a continuation line belongs to: null for none, empty for one that nobody asked for.
  let field: string | null = null;
  let size = 0;
  let number = 0;

  const takeField = (bytes: Buffer, from: number, to: number): void => {
    const colon = endOfName(bytes, from, to);
    if (colon === null) {
      throw new DataError(`${path}: line ${number}: not a field: ${bytes.toString('utf8', from, to).slice(0, 60)}`);
    }
    const name = lengths.has(colon - from) ? bytes.toString('latin1', from, colon).toLowerCase() : '';
    field = fields.has(name) ? name : '';
    if (field !== '') stanza.set(field, bytes.toString('utf8', colon + 1, to).trim());
  };

  const takeLine = (bytes: Buffer, from: number, to: number): void => {
    size += to - from;
    if (size > longestStanza) throw new DataError(`${path}: line ${number}: the stanza is too long`);
    if (!isBlank(bytes[from])) takeField(bytes, from, to);
    else if (field === null) throw new DataError(`${path}: line ${number}: a continuation line without a field`);
    else if (field !== '') stanza.set(field, `${stanza.get(field) ?? ''}\n${bytes.toString('utf8', from + 1, to)}`);
  };

  /** Whole lines in, the stanzas that end among them out. */
  function* read(bytes: Buffer): Generator<IndexStanza> {
    for (let from = 0; from < bytes.length;) {
      const next = bytes.indexOf(newline, from) + 1;
      let to = next - 1;
      while (to > from && isBlank(bytes[to - 1])) to -= 1;
      number += 1;
      if (to > from) takeLine(bytes, from, to);
      else if (field !== null) {
        yield stanza;
        stanza = new Map();
        field = null;
        size = 0;
      }
      from = next;
    }
  }
  return { read };
};

/** Where the colon after a field's name is (policy §5.1 says which characters a name has); null: it is no field. */
const endOfName = (bytes: Buffer, from: number, to: number): number | null => {
  for (let index = from; index < to; index += 1) {
    const byte = bytes[index] ?? 0;
    if (byte === 0x3a) return index > from ? index : null;
    if (byte < 0x21 || byte > 0x7e || (index === from && byte === 0x2d)) return null;
  }
  return null;
};

async function* bytesOf(path: string): AsyncGenerator<Buffer> {
  try {
    if (path.endsWith('.xz')) yield* unpacked('xz', path);
    else if (path.endsWith('.zst')) yield* unpacked('zstd', path);
    else if (path.endsWith('.gz')) {
      const file = createReadStream(path);
      const gunzip = createGunzip();
      file.on('error', (error) => gunzip.destroy(error));
      yield* file.pipe(gunzip) as AsyncIterable<Buffer>;
    } else yield* createReadStream(path, { highWaterMark: 1 << 18 }) as AsyncIterable<Buffer>;
  } catch (error) {
    const code = systemCodeOf(error);
    if (code === null) throw error;
    if (code === 'ENOENT') throw new DataError(`${path}: no such file`);
    throw new DataError(`${path}: cannot be read: ${messageOf(error)}`);
  }
}

async function* unpacked(program: 'xz' | 'zstd', path: string): AsyncGenerator<Buffer> {
  const child = spawn(program, ['-dc', '--', path], { stdio: ['ignore', 'pipe', 'pipe'] });
  let complaint = '';
  child.stderr.on('data', (chunk: Buffer) => (complaint = (complaint + chunk.toString()).slice(0, 500)));
  const ended = new Promise<{ code: number | null; missing: boolean }>((resolve) => {
    child.once('error', () => resolve({ code: null, missing: true }));
    child.once('close', (code) => resolve({ code, missing: false }));
  });
  let finished = false;
  try {
    yield* child.stdout as AsyncIterable<Buffer>;
    const { code, missing } = await ended;
    finished = true;
    if (missing) throw new UnavailableError(`${path}: cannot be unpacked: ${program} is not installed`);
    if (code !== 0) throw new DataError(`${path}: cannot be unpacked: ${messageOf(complaint) || program}`);
  } finally {
    if (!finished) child.kill('SIGKILL');
  }
}
