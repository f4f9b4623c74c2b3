// Plain text for mails that are read at 80 columns. Whatever comes from outside is made harmless before it is a line.
import { cleanLine } from '../../builder/log-lines.ts';
import { harmless } from '../../platform/logger.ts';

/** No line of ours is wider. */
export const width = 78;

// Characters that turn the direction of text or are not seen: what a line shows must be what it says.
const unseen = /[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/g;

/** Text without halves of surrogate pairs, which cannot be sent in any encoding. */
export function wellFormed(text: string): string {
  return Buffer.from(text, 'utf8').toString('utf8');
}

/** One harmless line of at most that many characters, cut with `...`. */
export function shortLine(text: string, columns: number): string {
  const flat = wellFormed(harmless(text).replace(unseen, ''));
  const characters = Array.from(flat);
  return characters.length <= columns ? flat : `${characters.slice(0, columns - 3).join('')}...`;
}

/** Text from outside as lines behind an indent, their own blanks kept, at most `most` of them. */
export function indented(text: string, indent: string, most: number): string[] {
  const lines = text.slice(0, 200_000).split(/\r?\n/);
  const shown = lines.slice(0, most).map((line) => `${indent}${cleanLine(line)}`.trimEnd());
  return lines.length > most ? [...shown, `${indent}(${lines.length - most} more lines)`] : shown;
}

/** Text as lines of at most `columns`, broken at blanks; a word that is longer is cut with `...`. */
export function wrapWords(text: string, columns: number): string[] {
  return wrapped(text.split(' '), columns);
}

/** Text as lines of at most `columns`, broken at blanks where it can be, anywhere else: nothing of it is cut. */
export function wrapHard(text: string, columns: number): string[] {
  const pieces = text.split(' ').flatMap((word) => {
    const characters = Array.from(word);
    const parts = Math.max(1, Math.ceil(characters.length / columns));
    return Array.from({ length: parts }, (_, at) => characters.slice(at * columns, (at + 1) * columns).join(''));
  });
  return wrapped(pieces, columns);
}

/** A list (`a, b, c`) as lines of at most `columns`, broken after its commas only. */
export function wrapList(text: string, columns: number): string[] {
  return wrapped(text.split(/(?<=,) /), columns);
}

const wrapped = (pieces: readonly string[], columns: number): string[] => {
  const lines: string[] = [];
  let current = '';
  for (const piece of pieces) {
    if (current !== '' && current.length + 1 + piece.length > columns) {
      lines.push(current);
      current = piece;
    } else {
      current = current === '' ? piece : `${current} ${piece}`;
    }
  }
  return [...lines, current].map((line) => shortLine(line, columns));
};

/** A title between two rules (of stars: they stay as they are in every encoding), as the sections of a mail have it. */
export function sectionTitle(title: string): string[] {
  return ['*'.repeat(width), shortLine(title, width), '*'.repeat(width)];
}
