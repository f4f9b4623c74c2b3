// Log mails of builds that really ran: what the admin sees of the packages in test/fixtures/sources.
import { cpSync } from 'node:fs';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { dpkgBuilder } from '../../../src/builder/dpkg.ts';
import { beginBuild, endBuild } from '../../../src/home/builds.ts';
import { buildWorld, hostArchitecture, type BuildWorld } from '../../support/build-world.ts';
import { fieldOf, outgoingWorld, textOf, type OutgoingWorld } from '../../support/outgoing-world.ts';
import { makeSourcePackage } from '../../support/source-package.ts';

let builds: BuildWorld;
let world: OutgoingWorld;
beforeEach(() => {
  builds = buildWorld();
  world = outgoingWorld();
});
afterEach(() => {
  builds.remove();
  world.remove();
});

const architecture = hostArchitecture();

/** Builds a fixture with dpkg and gives the log mail to the admin. */
const logMailOf = async (name: string): Promise<{ raw: Uint8Array; text: string }> => {
  const job = builds.job({ package: name, dscFile: makeSourcePackage(name, builds.sources), distribution: 'sid' });
  const outcome = await builds.build(dpkgBuilder({ sandbox: 'none', network: 'none', killAfter: 2 }), job);
  const take = { mailLogs: null, suppressSuccessfulLogs: false };
  const key = { package: name, version: '1.0', distribution: 'sid', architecture, builderUser: 'buildd', claim: 1 };
  const number = beginBuild(world.db, { ...key, binNmu: null, take }, outcome.started);
  endBuild(world.db, number, outcome);
  cpSync(job.buildDirectory, world.paths.build, { recursive: true });
  const { mails } = await world.render({ kind: 'log', build: number });
  const raw = mails[0]?.raw ?? new Uint8Array();
  return { raw, text: textOf(raw) };
};

it('a package that builds: its mail ends with the .changes that dpkg wrote', async () => {
  const { raw, text } = await logMailOf('greet');
  expect(fieldOf(raw, 'Subject')).toBe(`Log for successful build of greet_1.0 on ${architecture} (dist=sid)`);
  expect(text).toMatch(/^Status: successful$/m);
  const changes = text.slice(text.lastIndexOf(`greet_1.0_${architecture}.changes:\n`)).split('\n');
  expect(changes.slice(2, 4)).toEqual(['', 'Format: 1.8']);
  expect(changes.at(-2)).toMatch(new RegExp(`^ [0-9a-f]{32} \\d+ utils optional greet_1\\.0_${architecture}\\.deb$`));
});

it('a package that does not compile: its mail says why, and suggests to fail it with that reason', async () => {
  const { raw, text } = await logMailOf('broken-greet');
  expect(fieldOf(raw, 'Subject')).toBe(`Log for attempted build of broken-greet_1.0 on ${architecture} (dist=sid)`);
  const head = text.slice(0, text.indexOf('\nAnswers:'));
  expect(head).toMatch(/\nLikely reason: .*compiler.*\n {4}broken-greet\.c:5:\d+: error: .guest. undeclared/);
  expect(head).toMatch(/\nSuggested answer:\n {4}fail .*broken-greet\.c:5:\d+: error:/);
  expect(head.split('\n').length).toBeLessThanOrEqual(21);
  expect(text).not.toContain('signed .changes');
});
