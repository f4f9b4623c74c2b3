// Makes a log's lines fit to be shown and mailed: a log is hostile. Pure; linear in its input.

/** Longest line that is shown, in characters; what is longer is cut with a mark. */
export const longestLine = 4096;
const cutMark = ' […]';

// ECMA-48: control sequences (CSI), strings (OSC, DCS, SOS, PM, APC) up to their end, and the other escapes.
const escapes =
  /(?:\u001b\[|\u009b)[0-?]*[ -/]*[@-~]?|(?:\u001b[\]PX^_]|[\u0090\u0098\u009d-\u009f])[^\u0007\u001b\u009c]*(?:\u0007|\u001b\\|\u009c)?|\u001b[ -/]*[0-~]?/g;
// All other controls but the tab; line separators; what turns the direction of text or is invisible.
const controls = /[\u0000-\u0008\u000a-\u001f\u007f-\u009f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;
// A reader or a mail program must not take a part of the log for a signed text.
const armor = /^-----(?:BEGIN PGP|END)/;

/** One line without its newline, harmless: no escape sequence, no control character, not too long, no armor. */
export function cleanLine(line: string): string {
  const clean = line.replace(/\r+$/, '').replace(escapes, '').replace(controls, '');
  const cut =
    clean.length > longestLine ? `${clean.slice(0, longestLine).replace(/[\ud800-\udbff]$/, '')}${cutMark}` : clean;
  return armor.test(cut) ? `- ${cut}` : cut;
}

const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** The lines of a block of a log, clean; what is no UTF-8 becomes U+FFFD. A newline at the end starts no line. */
export function cleanLines(block: Uint8Array): string[] {
  if (block.length === 0) return [];
  const lines = decoder.decode(block).split('\n');
  if (lines.at(-1) === '') lines.pop();
  return lines.map(cleanLine);
}
