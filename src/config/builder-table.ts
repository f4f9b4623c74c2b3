// `builder` of buildd.conf, and the limits on what a build may use.
import * as v from 'valibot';
import { count, flag, strings } from './values.ts';

const commandBuilder = v.strictObject({ build: strings, create: v.optional(strings), delete: v.optional(strings) });
const builderName = v.picklist(['sbuild', 'dpkg', 'command'], 'expected "sbuild", "dpkg" or "command"');

/**
 * TOML cannot hold `builder = "dpkg"` and `[builder.command]` in one file, so a `[builder]` table says the name as
 * `use`; `bubblewrap` (default true) and `network` (default false) are the dpkg builder's isolation.
 */
export const builderTable = v.union(
  [
    v.pipe(
      builderName,
      v.transform((use) => ({ use, command: undefined, bubblewrap: true, network: false })),
    ),
    v.strictObject({
      use: v.optional(builderName),
      command: v.optional(commandBuilder),
      bubblewrap: v.optional(flag, true),
      network: v.optional(flag, false),
    }),
  ],
  'expected "sbuild", "dpkg" or "command", or a table [builder] with use = …',
);

/** Bytes, seconds, a number. */
export const limitsTable = v.strictObject({
  memory: v.optional(count),
  cpu_seconds: v.optional(count),
  processes: v.optional(count),
});
