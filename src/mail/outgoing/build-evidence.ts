// Reads what a build left behind for its log mail: the log, compressed where it is long, and the .changes. All of it
// is hostile, none of it is ever held whole in memory, and nothing that is missing or broken keeps the mail back.
import { closeSync, constants, createReadStream, fstatSync, openSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { createGzip } from 'node:zlib';
import { excerpt } from '../../builder/log-excerpt.ts';
import { parseChanges } from '../../debian/changes.ts';
import { isFileName } from '../../debian/names.ts';
import { messageOf, systemCodeOf } from '../../platform/errors.ts';
import { shortLine } from './lines.ts';
import type { Attachment } from './mime.ts';

/** What the log's file gave, made harmless already. */
export interface LogText {
  readonly path: string | null;
  /** The whole log, or its head and tail with a line between that says what is missing. */
  readonly lines: readonly string[];
  /** The whole log, compressed, where the text is cut. */
  readonly attachment: Attachment | null;
}

/** The .changes of the build, as it lies in build/. */
export type ChangesText =
  /** The build did not succeed. */
  | { readonly kind: 'none' }
  | { readonly kind: 'unsigned'; readonly name: string; readonly text: string }
  /** Signed here (sign_with): nobody needs to answer with it. */
  | { readonly kind: 'signed' }
  /** Not one that anybody should sign. */
  | { readonly kind: 'unusable'; readonly why: string };

interface LogLimits {
  readonly maxLines: number;
  /** Bytes of the text. */
  readonly maxBytes: number;
}

// In base64 and with the text it stays below 10,240,000 bytes, what postfix takes where nobody configured it.
const largestAttachment = 6 * 1024 * 1024;
const largestChanges = 1024 * 1024;

/** The log's text, cut to the limits, made harmless; with the whole log compressed beside it where it was cut. */
export async function readLog(path: string | null, limits: LogLimits): Promise<LogText> {
  if (path === null) return { path, lines: ['The build ended before it had a log.'], attachment: null };
  try {
    const { head, tail, omittedLines, omittedBytes } = await excerpt(path, limits);
    if (omittedBytes === 0 && omittedLines === 0) return { path, lines: [...head, ...tail], attachment: null };
    const attachment = await compressed(path);
    const where =
      attachment === null
        ? `the whole log is too large for a mail: ${path}`
        : `the whole log is attached: ${attachment.name}`;
    return { path, lines: [...head, ...omission(omittedLines, omittedBytes, where), ...tail], attachment };
  } catch (error) {
    return { path, lines: [`The log cannot be read: ${messageOf(error)}`], attachment: null };
  }
}

// What stands between head and tail of a cut log.
const omission = (lines: number, bytes: number, where: string): string[] => {
  const amount = `${lines.toLocaleString('en-US')} lines (${bytes.toLocaleString('en-US')} bytes)`;
  return ['', `[... ${amount} are left out here;`, `     ${shortLine(where, 1000)} ...]`, ''];
};

// Null when it stays too large even so; what was compressed until then is dropped.
const compressed = async (path: string): Promise<Attachment | null> => {
  const chunks: Buffer[] = [];
  let size = 0;
  const source = createReadStream(path);
  const gzip = createGzip();
  source.on('error', (error) => gzip.destroy(error));
  source.pipe(gzip);
  for await (const chunk of gzip as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > largestAttachment) {
      source.destroy();
      return null;
    }
    chunks.push(chunk);
  }
  return {
    name: `${basename(path).replaceAll(':', '')}.log.gz`,
    type: 'application/gzip',
    content: Buffer.concat(chunks),
  };
};

/**
 * The .changes of a successful build.
 * @param signer who signs it: where the buildd does (sign_with), it is in the upload queue already.
 */
export function readChangesText(buildDirectory: string, name: string | null, signer: 'admin' | 'buildd'): ChangesText {
  if (name === null) return { kind: 'unusable', why: 'it left no .changes' };
  if (!isFileName(name)) return { kind: 'unusable', why: 'its .changes has a name that no file of Debian has' };
  try {
    return usableChanges(readSmallText(join(buildDirectory, name)), name);
  } catch (error) {
    if (systemCodeOf(error) !== 'ENOENT') return { kind: 'unusable', why: messageOf(error) };
    return signer === 'buildd'
      ? { kind: 'signed' }
      : { kind: 'unusable', why: `${name} is not in ${buildDirectory} any more` };
  }
}

const usableChanges = (text: string | null, name: string): ChangesText => {
  if (text === null) return { kind: 'unusable', why: `${name} is no plain text file of at most 1 MiB` };
  if (text.startsWith('-----BEGIN PGP SIGNED MESSAGE-----')) return { kind: 'signed' };
  if (/^-----/m.test(text)) return { kind: 'unusable', why: `${name} has a line that begins with -----` };
  parseChanges(text, name);
  return { kind: 'unsigned', name, text };
};

// Null for what is not UTF-8, holds control characters or is too large. A symbolic link is an error.
const readSmallText = (path: string): string | null => {
  const fd = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const stat = fstatSync(fd);
    if (!stat.isFile() || stat.size > largestChanges) return null;
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(readFileSync(fd));
    return /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/.test(text) ? null : text;
  } catch (error) {
    if (error instanceof TypeError) return null;
    throw error;
  } finally {
    closeSync(fd);
  }
};
