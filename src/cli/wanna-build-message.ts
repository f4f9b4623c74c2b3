// The text that goes with a command: from `--message`, else from standard input.
import { UsageError } from '../platform/errors.ts';
import type { CommandName, ParsedArguments } from './wanna-build-options.ts';
import { wholeNumber, type Streams } from './wanna-build-request.ts';

const longestMessage = 1024 * 1024;

/**
 * Fail reason, dependency list or changelog; null for commands that have none.
 * @throws UsageError when it is needed and empty, or longer than 1 MiB.
 */
export async function messageFor(
  command: CommandName,
  parsed: ParsedArguments,
  streams: Streams,
): Promise<string | null> {
  const given = parsed.values.get('message');
  switch (command) {
    case 'failed':
      return required(given ?? (await linesUpToDot(streams)), 'No fail reason given');
    case 'dep-wait':
      return required(given ?? (await firstLine(streams)), 'No dependencies given');
    case 'binNMU':
      if (wholeNumber(parsed, 'binNMU') === 0) return null;
      return required(given ?? (await linesUpToDot(streams)), 'No changelog given');
    default:
      return null;
  }
}

const required = (text: string, complaint: string): string => {
  const trimmed = text.trimEnd();
  if (trimmed === '') throw new UsageError(complaint);
  if (trimmed.length > longestMessage) throw new UsageError(`the message is longer than ${longestMessage} characters`);
  return trimmed;
};

const linesUpToDot = async (streams: Streams): Promise<string> => {
  streams.prompt("Enter the text (end with '.' alone on a line):");
  const lines: string[] = [];
  let size = 0;
  for await (const line of streams.lines()) {
    if (line === '.') break;
    lines.push(line);
    size += line.length + 1;
    if (size > longestMessage) break;
  }
  return lines.join('\n');
};

const firstLine = async (streams: Streams): Promise<string> => {
  streams.prompt('Enter dependencies (one line):');
  for await (const line of streams.lines()) return line;
  return '';
};
