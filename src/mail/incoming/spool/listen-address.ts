// Where the listener listens: what `--listen` may say, and getting hold of that address.
import { rmSync } from 'node:fs';
import { createConnection, type Server } from 'node:net';
import { messageOf, systemCodeOf, UnavailableError, UsageError } from '../../../platform/errors.ts';
import { harmless } from '../../../platform/logger.ts';

export type ListenAddress =
  | { readonly kind: 'smtp'; readonly host: string; readonly port: number }
  | { readonly kind: 'lmtp'; readonly path: string };

/**
 * Reads `ADDR:PORT`, `PORT` (loopback), `[V6]:PORT` or `unix:PATH`.
 * @throws UsageError naming what is expected.
 */
export function parseListenAddress(text: string): ListenAddress {
  const expected = `--listen ${harmless(text)}: expected ADDRESS:PORT, PORT or unix:PATH`;
  if (text.startsWith('unix:')) {
    const path = text.slice('unix:'.length);
    if (path === '' || Buffer.byteLength(path) > 100) throw new UsageError(`${expected} (a path of at most 100 bytes)`);
    return { kind: 'lmtp', path };
  }
  const match = /^(?:(?:\[([0-9A-Fa-f:.]{2,45})\]|([^\s:[\]]{0,253})):)?(\d{1,5})$/.exec(text);
  const port = Number(match?.[3]);
  if (match === null || port > 65_535) throw new UsageError(expected);
  return { kind: 'smtp', host: (match[1] ?? match[2] ?? '') || '127.0.0.1', port };
}

/** Whether only this host can reach the address. */
export function isLoopback(address: ListenAddress): boolean {
  return (
    address.kind === 'lmtp' || address.host === 'localhost' || address.host === '::1' || /^127\./.test(address.host)
  );
}

/**
 * Makes a server listen there; the socket file of a listener that was killed is taken over.
 * @throws UnavailableError with one line.
 */
export async function bind(server: Server, address: ListenAddress): Promise<void> {
  const where = address.kind === 'lmtp' ? `unix:${address.path}` : `${address.host}:${address.port}`;
  const once = (): Promise<void> =>
    new Promise((resolve, reject) => {
      server.once('error', reject);
      const ready = (): void => {
        server.off('error', reject);
        resolve();
      };
      if (address.kind === 'lmtp') server.listen({ path: address.path }, ready);
      else server.listen({ host: address.host, port: address.port }, ready);
    });
  try {
    await once().catch(async (error: unknown) => {
      if (address.kind !== 'lmtp' || systemCodeOf(error) !== 'EADDRINUSE' || (await isServed(address.path)))
        throw error;
      // The socket file of a listener that was killed.
      rmSync(address.path, { force: true });
      await once();
    });
  } catch (error) {
    throw new UnavailableError(`--listen ${where}: ${reasonOf(error)}`);
  }
}

const reasonOf = (error: unknown): string => {
  switch (systemCodeOf(error)) {
    case 'EADDRINUSE':
      return 'something else listens there already';
    case 'EACCES':
      return 'not allowed; take a port above 1023';
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return 'not an address of this host';
    default:
      return messageOf(error);
  }
};

const isServed = (path: string): Promise<boolean> =>
  new Promise((resolve) => {
    const probe = createConnection({ path });
    probe.once('connect', () => {
      probe.destroy();
      resolve(true);
    });
    probe.once('error', () => resolve(false));
  });
