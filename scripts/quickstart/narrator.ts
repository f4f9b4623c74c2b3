// Tells what happens, how long it took and where to look, as it happens. A step that does not do what it must ends
// the quickstart with one clear line.

export class StepFailed extends Error {}

export interface Step {
  readonly title: string;
  readonly seconds: number;
}

export interface Narrator {
  /** Runs one step, prints its title, its time and the lines that it returns. */
  step(title: string, action: () => Promise<readonly string[]> | readonly string[]): Promise<void>;
  readonly steps: readonly Step[];
}

/** A narrator that writes to standard output. */
export function narrator(): Narrator {
  const steps: Step[] = [];
  return {
    steps,
    step: async (title, action) => {
      process.stdout.write(`\n${steps.length + 1}. ${title}\n`);
      const began = performance.now();
      let lines: readonly string[];
      try {
        lines = await action();
      } catch (error) {
        throw new StepFailed(
          `step ${steps.length + 1} (${title}): ${error instanceof Error ? error.message : String(error)}`,
        );
      }
      const seconds = (performance.now() - began) / 1000;
      steps.push({ title, seconds });
      for (const line of lines) process.stdout.write(line === '' ? '\n' : `   ${line}\n`);
      process.stdout.write(`   (${seconds.toFixed(1)} s)\n`);
    },
  };
}

/** Lines of a file or mail, set off from what is told about them. */
export function excerpt(lines: readonly string[]): string[] {
  return lines.map((line) => `| ${line}`.trimEnd());
}
