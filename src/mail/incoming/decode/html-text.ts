// HTML to plain text, as far as a one-line answer needs it: no tags, no style, quoted blocks marked with `>`. One pass
// over the text without recursion, so that no nesting hurts. Never throws.

const lineTags = new Set([
  'p',
  'div',
  'br',
  'li',
  'tr',
  'table',
  'ul',
  'ol',
  'h1',
  'h2',
  'h3',
  'h4',
  'h5',
  'h6',
  'pre',
  'hr',
  'blockquote',
]);
const silentTags = new Set(['head', 'style', 'script', 'title', 'noscript', 'template']);
const entities = new Map([
  ['amp', '&'],
  ['lt', '<'],
  ['gt', '>'],
  ['quot', '"'],
  ['apos', "'"],
  ['nbsp', ' '],
  ['ndash', '–'],
  ['mdash', '—'],
  ['lsquo', '‘'],
  ['rsquo', '’'],
  ['ldquo', '“'],
  ['rdquo', '”'],
  ['hellip', '…'],
  ['auml', 'ä'],
  ['ouml', 'ö'],
  ['uuml', 'ü'],
  ['Auml', 'Ä'],
  ['Ouml', 'Ö'],
  ['Uuml', 'Ü'],
  ['szlig', 'ß'],
  ['eacute', 'é'],
  ['egrave', 'è'],
]);

const characterOf = (code: number): string =>
  code > 0 && code <= 0x10ffff && (code < 0xd800 || code > 0xdfff) ? String.fromCodePoint(code) : '\ufffd';

const withoutEntities = (text: string): string =>
  text.replace(
    /&(?:#(\d{1,7})|#[xX]([0-9a-fA-F]{1,6})|([A-Za-z]{2,8}));/g,
    (whole, decimal?: string, hex?: string, name?: string) => {
      if (decimal !== undefined) return characterOf(Number(decimal));
      if (hex !== undefined) return characterOf(parseInt(hex, 16));
      return entities.get(name ?? '') ?? whole;
    },
  );

interface Writer {
  readonly lines: string[];
  line: string;
  quoteDepth: number;
}

const endLine = (writer: Writer): void => {
  writer.lines.push(`${'> '.repeat(Math.min(writer.quoteDepth, 5))}${writer.line.trim()}`);
  writer.line = '';
};

const onTag = (writer: Writer, name: string, closing: string): void => {
  if (lineTags.has(name) && (name === 'br' || name === 'hr' || writer.line.trim() !== '')) endLine(writer);
  if (name === 'blockquote') writer.quoteDepth = Math.max(0, writer.quoteDepth + (closing === '' ? 1 : -1));
};

/** The text of an HTML document; each block on a line of its own, each `<blockquote>` quoted. */
export function htmlToText(html: string): string {
  const writer: Writer = { lines: [], line: '', quoteDepth: 0 };
  // Not toLowerCase: that changes the length of some texts, and positions are shared with the original.
  const lower = html.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
  let at = 0;
  while (at < html.length) {
    const open = html.indexOf('<', at);
    const text = html.slice(at, open < 0 ? html.length : open);
    writer.line += withoutEntities(text).replace(/\s+/g, ' ');
    if (open < 0) break;
    if (html.startsWith('<!--', open)) {
      const end = html.indexOf('-->', open + 4);
      at = end < 0 ? html.length : end + 3;
      continue;
    }
    const close = html.indexOf('>', open);
    const [, closing = '', name = ''] = /^<(\/?)([a-z][a-z0-9]*)/.exec(lower.slice(open, open + 20)) ?? [];
    at = close < 0 ? html.length : close + 1;
    if (closing === '' && silentTags.has(name)) {
      const end = lower.indexOf(`</${name}`, at);
      at = end < 0 ? html.length : end;
    }
    onTag(writer, name, closing);
  }
  endLine(writer);
  return writer.lines.join('\n');
}
