// Which database a store's URL means.
import { resolve } from 'node:path';
import { ConfigurationError } from '../../platform/errors.ts';
import type { Store } from './store.ts';

/**
 * Opens a store: `sqlite:PATH`, relative to the home.
 * @param warn told in one line of what is odd but no hindrance.
 * @throws ConfigurationError for another kind of URL; what opening it throws.
 */
export async function openStore(url: string, home: string, warn: (line: string) => void = onTerminal): Promise<Store> {
  const path = /^sqlite:(.+)$/s.exec(url)?.[1];
  if (path !== undefined) {
    const { openSqlite } = await import('./sqlite.ts');
    return openSqlite(resolve(home, path), warn);
  }
  const scheme = /^[a-z]+:/.exec(url)?.[0] ?? url.slice(0, 40);
  throw new ConfigurationError(`store: ${scheme} is not supported; expected "sqlite:PATH"`);
}

const onTerminal = (line: string): void => void process.stderr.write(`warning: ${line}\n`);
