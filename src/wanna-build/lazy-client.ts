// A client that opens its store with the first question: commands which cron starts every few minutes mostly have
// none. Whatever keeps the store from being opened counts as a store that is away, so that a report waits in its
// intent; it must never count as the store's refusal.
import { messageOf, UnavailableError } from '../platform/errors.ts';
import type { WannaBuildClient } from './client.ts';

/**
 * A client that opens another one when it is first used, and again with the next use where that failed.
 * Its methods throw UnavailableError while the store cannot be opened.
 * @param onFailure is told why it cannot, once for each reason: whoever lets a report wait does not say it.
 */
export function lazyClient(
  open: () => Promise<WannaBuildClient>,
  onFailure: (reason: string) => void,
): WannaBuildClient {
  const told = new Set<string>();
  let opened: Promise<WannaBuildClient> | null = null;
  const client = (): Promise<WannaBuildClient> => {
    opened ??= open().catch((error: unknown) => {
      opened = null;
      const reason = messageOf(error);
      if (!told.has(reason)) onFailure(reason);
      told.add(reason);
      throw new UnavailableError(reason);
    });
    return opened;
  };
  return {
    needsBuild: async (...which) => (await client()).needsBuild(...which),
    take: async (...what) => (await client()).take(...what),
    info: async (key) => (await client()).info(key),
    buildingFor: async (...whom) => (await client()).buildingFor(...whom),
    report: async (...what) => (await client()).report(...what),
    close: async () => {
      if (opened !== null) await (await opened).close();
    },
  };
}
