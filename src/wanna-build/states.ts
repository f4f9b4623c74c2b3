// The states of a package in the store, in the words that users and other build daemons know.

export const states = [
  'Needs-Build',
  'BD-Uninstallable',
  'Dep-Wait',
  'Building',
  'Built',
  'Build-Attempted',
  'Uploaded',
  'Installed',
  'Failed',
  'Not-For-Us',
  'Auto-Not-For-Us',
  'Failed-Removed',
  'Dep-Wait-Removed',
] as const;

export type State = (typeof states)[number];

const byLowerCase = new Map<string, State>(states.map((state) => [state.toLowerCase(), state]));

/** The state of this name in any case; null if there is none. */
export function parseState(text: string): State | null {
  return byLowerCase.get(text.toLowerCase()) ?? null;
}
