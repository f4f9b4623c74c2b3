// `buildd-mail --explain [--now RFC3339] [FILE…]`: says what each mail would be understood as. Reads the configuration
// and the mails, and home.db where there is one (for tokens); opens no store, changes nothing.
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { loadBuilddConf } from '../config/load.ts';
import { homeOf, pathsOf } from '../home/paths.ts';
import { openHomeDatabaseToRead } from '../home/read-only-database.ts';
import { readSecret } from '../home/secret.ts';
import { readBlacklist } from '../mail/incoming/classify/blacklist.ts';
import type { IncomingContext } from '../mail/incoming/context.ts';
import { explainLine } from '../mail/incoming/explain.ts';
import { tokenPort } from '../mail/incoming/home-context.ts';
import { readKeyring } from '../mail/incoming/signature/keyring.ts';
import { understand } from '../mail/incoming/understand.ts';
import { DataError, messageOf, UsageError } from '../platform/errors.ts';
import { exitCode } from '../platform/exit-codes.ts';

interface Arguments {
  readonly home: string;
  readonly now: Date;
  /** `-` is standard input. */
  readonly files: readonly string[];
}

const rfc3339 = /^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:[Zz]|[+-]\d\d:\d\d)$/;

const timeOf = (text: string | undefined): Date => {
  if (text === undefined) return new Date();
  const time = new Date(text);
  if (!rfc3339.test(text) || Number.isNaN(time.getTime())) {
    throw new UsageError(`--now: "${text.slice(0, 60)}" is not a time like 2026-11-20T09:15:02Z`);
  }
  return time;
};

const argumentsOf = (args: readonly string[]): Arguments => {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { explain: { type: 'boolean' }, home: { type: 'string' }, now: { type: 'string' } },
    });
    return {
      home: homeOf(values.home),
      now: timeOf(values.now),
      files: positionals.length === 0 ? ['-'] : positionals,
    };
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(`${messageOf(error)}; usage: buildd-mail [--home DIR] --explain [--now RFC3339] [FILE…]`);
  }
};

const readMail = (file: string): Uint8Array => {
  try {
    return readFileSync(file === '-' ? 0 : file);
  } catch (error) {
    throw new DataError(`${file === '-' ? 'standard input' : file}: cannot be read: ${messageOf(error)}`);
  }
};

/**
 * Runs the command; prints one JSON object a line to standard output.
 * @throws UsageError, ConfigurationError, DataError (a file that cannot be read), UnavailableError (home.db)
 */
export async function explainMain(args: readonly string[]): Promise<number> {
  const { home, now, files } = argumentsOf(args);
  const conf = loadBuilddConf(home);
  const paths = pathsOf(home);
  const secret = readSecret(paths.secret);
  const db = secret === null ? null : openHomeDatabaseToRead(paths.homeDb);
  try {
    await explainAll(files, {
      conf,
      now,
      keys: readKeyring(conf.auth, home),
      tokens: secret === null || db === null ? null : tokenPort(db, secret),
      blacklist: readBlacklist(paths),
    });
  } finally {
    db?.close();
  }
  return exitCode.ok;
}

const explainAll = async (files: readonly string[], context: IncomingContext): Promise<void> => {
  for (const file of files) {
    for (const understood of await understand(readMail(file), context)) {
      process.stdout.write(`${explainLine(file, understood)}\n`);
    }
  }
};
