// Exit codes of all commands, as sysexits.h names them.

/** sysexits.h, the ones that are used here. `refused` is `wanna-build --strict`'s. */
export const exitCode = {
  ok: 0,
  failed: 1,
  refused: 3,
  usage: 64,
  data: 65,
  unavailable: 69,
  software: 70,
  temporary: 75,
  configuration: 78,
} as const;
