// What the mail server waits for: a mail on the standard input of `buildd-mail`, until the command has exited. By
// then the file and its directory are synced and the processor is started in the background; what that one does
// is not counted, and the next run begins when it has ended.
import { watch } from 'node:fs';
import { join } from 'node:path';
import { figureOf, type Figure } from './figure.ts';
import type { Home } from './home.ts';
import { inPairs, timed, type Sample } from './measure.ts';

const pairs = 50;

/** A reply as a mail program writes it, with the head of the log mail quoted below the answer; 13 KiB. */
export function realMail(number: number): string {
  const quoted = Array.from(
    { length: 160 },
    (_, line) => `> ${line}: cc -g -O2 -Wall -c -o part-${line}.o part-${line}.c`,
  );
  return [
    'Return-Path: <admin@example.org>',
    'Delivered-To: buildd@example.org',
    'Received: from mail.example.org (mail.example.org [192.0.2.7]) by buildd.example.org (Postfix) with ESMTPS id 4',
    '\tfor <buildd@example.org>; Fri, 20 Nov 2026 09:15:02 +0000 (UTC)',
    'From: The Admin <admin@example.org>',
    'To: buildd@example.org',
    'Subject: Re: Log for attempted build of hello_2.10-5 on amd64 (dist=sid)',
    'Date: Fri, 20 Nov 2026 09:15:00 +0000',
    `Message-ID: <bench.${number}.${process.pid}@example.org>`,
    'MIME-Version: 1.0',
    'Content-Type: text/plain; charset=utf-8',
    '',
    'retry',
    '',
    'On Fri, 20 Nov 2026 09:00:00 +0000, buildd@example.org wrote:',
    ...quoted,
    '',
  ].join('\n');
}

/** Measures both until the command has exited and until the mail has its name in mqueue. */
export async function measureForward(home: Home): Promise<Figure[]> {
  const queue = join(home.path, 'mqueue');
  const arrivals: number[] = [];
  const watcher = watch(queue, (_, name) => {
    if (name !== null && /^\d/.test(name)) arrivals.push(performance.now());
  });
  const untilNamed: number[] = [];
  try {
    const samples = await inPairs(
      pairs,
      async (round) => {
        arrivals.length = 0;
        const call = { ...home.command('buildd-mail'), input: realMail(round) };
        const { milliseconds, began } = await timed(call);
        await home.quiet();
        const [arrival] = arrivals;
        if (arrival === undefined) throw new Error('buildd-mail: exit 0, but no mail came into mqueue');
        // Both may have waited for us at the same moment, the exit being told first.
        if (round > 0) untilNamed.push(Math.min(arrival - began, milliseconds));
        return milliseconds;
      },
      async () => (await timed({ program: 'sh', args: ['-c', ':'] })).milliseconds,
    );
    const named = samples.map(({ baseline }, index): Sample => ({ milliseconds: untilNamed[index] ?? 0, baseline }));
    return [
      figureOf('.forward: mail synced, command has exited', 'sh -c :', samples, { kind: 'above', atMost: 15 }),
      figureOf('.forward: mail has its name in mqueue', 'sh -c :', named, { kind: 'above', atMost: 15 }),
    ];
  } finally {
    watcher.close();
  }
}
