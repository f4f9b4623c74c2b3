// Where in an answer the words of others begin: quoted lines, attributions in many languages, and the unquoted
// originals that Outlook and its like put below. Nothing here looks at more than a few lines at once, so every
// judgement is linear in the text.

const longestLine = 500;

/** A line that a mail program marked as quoted (`>`, also Supercite's `Name> `). */
export function isQuoted(line: string): boolean {
  return /^[\s\ufeff]{0,20}(?:[>＞]|[A-Za-z]{1,12}> )/.test(line);
}

/** `-- `, where some programs drop the space (RFC 3676 §4.3). */
export function isSignatureSeparator(line: string): boolean {
  return /^--\s{0,3}$/.test(line);
}

const openers =
  /^[\s*]*(?:on|am|le|el|il|em|op|den|på|dne|dňa|dnia|w dniu|ve čt|pe|la|kl|în data|στις|в|во|от|tanggal|vào|ב|في|\d{1,4}[./年-])(?:\s|\d|,|$)/iu;
const verbs =
  /(?:wrote|writes|schrieb|schreibt|geschrieben|a écrit|écrit|escribió|escreveu|ha scritto|schreef|skrev|kirjoitti|napsal|napísal|napisał|írta|a scris|έγραψε|написал|пишет|пише|писал|yazdı|menulis|đã viết|写道|寫道|のメール|書きました|작성|כתב|كتب)[\p{L}()/. ]{0,20}[:：]?\s*$/iu;

const joined = (lines: readonly string[]): string =>
  lines
    .map((line) => line.slice(0, longestLine).trim())
    .join(' ')
    .slice(0, longestLine);

/** Whether these lines together are an attribution: "On …, … wrote:", with or without a verb we know. */
export function isAttribution(lines: readonly string[]): boolean {
  const text = joined(lines);
  if (verbs.test(text.slice(-80)) && (/\d/.test(text) || text.includes('@') || openers.test(text))) return true;
  return /[:：]\s*$/.test(text.slice(-3)) && /\d/.test(text) && (/@|<|\d[:.h]\d\d|年/.test(text) || openers.test(text));
}

const originalBanner = /^\s{0,4}-{2,20}\s?[\p{L}][^-]{2,50}\S\s?-{2,20}\s*$/u;
const originalWords =
  /original|urspr|d['’]origine|oorspronk|alkuper|исходн|пересл|пересыл|оригинал|původní|pôvodn|oryginaln|eredeti|orijinal|αρχικ|原始|元の|原郵|원본|forward|weiterge|transf|inoltra|doorgest|videresend/iu;
const label = /^\s{0,4}[*>]{0,2}[\p{L}\p{M}][\p{L}\p{M} .'’-]{0,24}\*?\s?[:：]\*?\s*\S/u;

/** Whether an unquoted original begins at this line: a banner, a row of underscores, a From/Sent block. */
export function startsOriginal(lines: readonly string[], at: number): boolean {
  const line = (lines[at] ?? '').slice(0, longestLine);
  if (/^\s*_{20,}\s*$/.test(line)) return true;
  if (originalBanner.test(line) && originalWords.test(line)) return true;
  const block = lines.slice(at, at + 3).map((candidate) => candidate.slice(0, longestLine));
  if (block.length < 3 || !block.every((candidate) => label.test(candidate))) return false;
  const text = lines
    .slice(at, at + 6)
    .map((candidate) => candidate.slice(0, longestLine))
    .join('\n');
  return (line.includes('@') && /\b20\d\d\b/.test(text)) || /(?:Log for|Should I build) /.test(text);
}

const isBlank = (line: string): boolean => line.trim() === '';

const tagLine =
  /^\s*(?:sent (?:from|with|via) |get outlook for |von meinem .{1,40}gesendet|gesendet (?:von|mit) |envoyé (?:de|depuis|avec) |enviado (?:desde|do|com|con) |inviato da|verzonden (?:met|vanaf|vanuit) |skickat från|sendt fra|lähetetty |отправлено |发自|從我的|wysłano |odesláno |iphoneから)/iu;

// How many lines above `end` are an attribution: the fewest that begin like one, else the last alone.
const attributionLength = (lines: readonly string[], end: number): number => {
  let last = end;
  while (last > 0 && isBlank(lines[last - 1] ?? '')) last -= 1;
  const blanks = end - last;
  for (let length = 1; length <= 4 && last - length >= 0 && !isBlank(lines[last - length] ?? ''); length += 1) {
    const part = lines.slice(last - length, last);
    if (openers.test((part[0] ?? '').slice(0, longestLine)) && isAttribution(part)) return length + blanks;
  }
  return last > 0 && isAttribution(lines.slice(last - 1, last)) ? 1 + blanks : 0;
};

const trailingQuote = (lines: readonly string[]): number => {
  let start = lines.length;
  while (start > 0 && (isBlank(lines[start - 1] ?? '') || isQuoted(lines[start - 1] ?? ''))) start -= 1;
  while (start < lines.length && isBlank(lines[start] ?? '')) start += 1;
  return start;
};

/**
 * The lines of a reason, given the lines from its beginning on: up to a signature, an unquoted original, or the quote
 * at the end with its attribution. A quote in the middle stays, and one that closes up with the words before it.
 */
export function ownLines(all: readonly string[]): string[] {
  const cut = all.findIndex((line, index) => isSignatureSeparator(line) || startsOriginal(all, index));
  let lines = cut < 0 ? [...all] : all.slice(0, cut);
  const quote = trailingQuote(lines);
  if (quote < lines.length) {
    const attribution = attributionLength(lines, quote);
    const closesUp = quote > 0 && !isBlank(lines[quote - 1] ?? '');
    if (attribution > 0 || !closesUp) lines = lines.slice(0, quote - attribution);
  }
  while (lines.length > 0 && isBlank(lines.at(-1) ?? '')) lines.pop();
  if (tagLine.test((lines.at(-1) ?? '').slice(0, longestLine)) && (lines.length === 1 || isBlank(lines.at(-2) ?? '')))
    lines.pop();
  while (lines.length > 0 && isBlank(lines.at(-1) ?? '')) lines.pop();
  while (lines.length > 0 && isBlank(lines[0] ?? '')) lines.shift();
  return lines;
}

/** Whether somebody else's words begin at this line: then nothing below it is an answer. */
export function endsAnswer(lines: readonly string[], at: number): boolean {
  const line = lines[at] ?? '';
  if (isQuoted(line) || isSignatureSeparator(line) || startsOriginal(lines, at)) return true;
  return [1, 2, 3].some(
    (length) => openers.test(line.slice(0, longestLine)) && isAttribution(lines.slice(at, at + length)),
  );
}
