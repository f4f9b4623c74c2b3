// Keys that are accepted but whose feature is not built yet. Setting one is no error; it says so at start.

const notYet: readonly (readonly [key: string, feature: string])[] = [
  ['mail.digest', 'the daily digest'],
  ['wanna_build', 'a remote wanna-build server'],
  ['limits', 'limits on memory, processor time and processes'],
  ['keep_history', 'the removal of old history'],
];

/** One line for each key of the table that has no effect yet. */
export function noticesFor(table: Readonly<Record<string, unknown>>): string[] {
  return notYet.flatMap(([key, feature]) => {
    const isSet = key
      .split('.')
      .reduce<unknown>((at, part) => (at as Record<string, unknown> | undefined)?.[part], table);
    return isSet === undefined ? [] : [`${key} is set, but ${feature} is not there yet; the key has no effect`];
  });
}
