// Standard input as lines, with bounded memory: a line without an end must not fill it.
import { UsageError } from '../platform/errors.ts';

/** More characters than any text of a command may have. */
const longestLine = 2 * 1024 * 1024;

/**
 * The lines of standard input, without their ends.
 * @throws UsageError for a line that no command could take.
 */
export async function* standardInput(): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8');
  let rest = '';
  try {
    for await (const chunk of process.stdin as AsyncIterable<Buffer>) {
      const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
      rest = lines.pop() ?? '';
      if (rest.length > longestLine)
        throw new UsageError(`standard input: a line has more than ${longestLine} characters`);
      for (const line of lines) yield withoutReturn(line);
    }
    rest += decoder.decode();
    if (rest !== '') yield withoutReturn(rest);
  } finally {
    // A client may keep its end open long after the line that ends the text: do not wait for it.
    process.stdin.destroy();
  }
}

const withoutReturn = (line: string): string => (line.endsWith('\r') ? line.slice(0, -1) : line);
