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
  let stanza = new Map<string, string>();
  let field: string | null = null;
  let size = 0;
  let number = 0;
  let begun = false;
  for await (const line of linesOf(path, options.limit ?? defaultLimit)) {
    number += 1;
    if (line === '') {
      if (begun) yield stanza;
      stanza = new Map();
      field = null;
      size = 0;
      begun = false;
      continue;
    }
    size += line.length;
    if (size > longestStanza) throw new DataError(`${path}: line ${number}: the stanza is too long`);
    if (line.startsWith(' ') || line.startsWith('\t')) {
      if (field === null) throw new DataError(`${path}: line ${number}: a continuation line without a field`);
      if (options.fields.has(field)) stanza.set(field, `${stanza.get(field) ?? ''}\n${line.slice(1)}`);
      continue;
    }
    const colon = line.indexOf(':');
    if (colon < 1 || !/^[!-,.-9;-~][!-9;-~]*$/.test(line.slice(0, colon))) {
      throw new DataError(`${path}: line ${number}: not a field: ${line.slice(0, 60)}`);
    }
    field = line.slice(0, colon).toLowerCase();
    if (options.fields.has(field)) stanza.set(field, line.slice(colon + 1).trim());
    begun = true;
  }
  if (begun) yield stanza;
}

async function* linesOf(path: string, limit: number): AsyncGenerator<string> {
  let rest = '';
  let bytes = 0;
  const decoder = new TextDecoder('utf-8');
  for await (const chunk of bytesOf(path)) {
    bytes += chunk.length;
    if (bytes > limit) throw new DataError(`${path}: unpacks to more than ${limit} bytes`);
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    if (rest.length > longestLine) throw new DataError(`${path}: has a line of more than ${longestLine} characters`);
    for (const line of lines) yield line.trimEnd();
  }
  rest += decoder.decode();
  if (rest !== '') yield rest.trimEnd();
}

async function* bytesOf(path: string): AsyncGenerator<Buffer> {
  try {
    if (path.endsWith('.xz')) yield* unpacked('xz', path);
    else if (path.endsWith('.zst')) yield* unpacked('zstd', path);
    else if (path.endsWith('.gz')) {
      const file = createReadStream(path);
      const gunzip = createGunzip();
      file.on('error', (error) => gunzip.destroy(error));
      yield* file.pipe(gunzip) as AsyncIterable<Buffer>;
    } else yield* createReadStream(path, { highWaterMark: 1 << 20 }) as AsyncIterable<Buffer>;
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
