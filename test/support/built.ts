// Tests of whole commands run what is in dist/: it is made anew before them where a source is newer.
import { ensureBuilt } from '../../scripts/prepare.mjs';

export function setup(): void {
  ensureBuilt();
}
