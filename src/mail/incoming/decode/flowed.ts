// format=flowed (RFC 3676): lines that end in a space go on in the next one, and lines may be stuffed with a space.
// Signed text is only unstuffed, never joined: its lines are what was signed.

const quoteDepth = (line: string): number => /^>*/.exec(line)?.[0].length ?? 0;

/** Takes the stuffing space off each line (RFC 3676 §4.4). */
export function unstuff(text: string): string {
  return text.replace(/^ /gm, '');
}

/** Joins flowed lines to paragraphs; `delsp` is the parameter DelSp (RFC 3676 §4.1). Quoted lines stay as they are. */
export function unflow(text: string, delsp: 'yes' | 'no'): string {
  const lines: string[] = [];
  let open: string[] | null = null;
  for (const stuffed of text.split('\n')) {
    const line = stuffed.startsWith(' ') ? stuffed.slice(1) : stuffed;
    const flows = line.endsWith(' ') && line !== '-- ' && quoteDepth(stuffed) === 0;
    const starts = open === null || line === '-- ' || quoteDepth(stuffed) > 0;
    if (starts && open !== null) {
      lines.push(open.join(''));
      open = null;
    }
    const paragraph: string[] = open ?? [];
    paragraph.push(flows && delsp === 'yes' ? line.slice(0, -1) : line);
    open = flows ? paragraph : null;
    if (!flows) lines.push(paragraph.join(''));
  }
  if (open !== null) lines.push(open.join(''));
  return lines.join('\n');
}
