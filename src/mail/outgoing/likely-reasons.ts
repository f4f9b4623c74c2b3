// Why a build probably failed: the builder room's rules over the end of its log.
import { tailLines } from '../../builder/log-excerpt.ts';
import { summaryOf } from '../../builder/log-summary.ts';
import { linesLookedAt, reasonsOf } from '../../builder/reasons/reasons-of.ts';
import type { LikelyReason } from './head.ts';

/** The likely reasons, the likeliest first; none where there is no log to read. */
export async function likelyReasons(logFile: string | null): Promise<LikelyReason[]> {
  if (logFile === null) return [];
  try {
    const lines = await tailLines(logFile, linesLookedAt);
    return reasonsOf(lines, summaryOf(lines));
  } catch {
    // The mail says itself that its log cannot be read.
    return [];
  }
}
