// The quickstart: one package the whole way from the store to the archive and back, and one that does not compile.
// Everything is done by the real commands; the admin's and the archive's part are played.
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { acceptUploads } from './archive.ts';
import { announceAccepted, answer, awaitLetter, changesIn, isSignedByBuildd, signed, type Letter } from './mailbox.ts';
import { excerpt, narrator, StepFailed, type Narrator } from './narrator.ts';
import { call, command, until } from './programs.ts';
import { admin, distribution, makeSite, makeSource, stopAgents, type Site } from './site.ts';

const buildSeconds = 60;
const mailSeconds = 20;

const wannaBuild = (site: Site, ...args: string[]): string =>
  call(command('wanna-build'), ['--home', site.home, '--dist', distribution, '--arch', site.architecture, ...args]);

const stateOf = (site: Site, name: string): string =>
  (JSON.parse(wannaBuild(site, '--json', '--info', name)) as { state?: string }[])[0]?.state ?? 'not registered';

const mustBe = (site: Site, name: string, state: string): string => {
  const found = stateOf(site, name);
  if (found !== state) throw new Error(`${name} is ${found}, not ${state}`);
  return `${name} is ${state} now.`;
};

const untilState = (site: Site, name: string, state: string): Promise<true> =>
  until(`${name} becoming ${state}`, mailSeconds, () => (stateOf(site, name) === state ? true : null));

const headOf = (letter: Letter, lines: number): string[] =>
  excerpt([`Subject: ${letter.subject}`, '', ...letter.text.split('\n').slice(0, lines)]);

const startDaemon = (site: Site): ChildProcess =>
  spawn(command('buildd'), ['--home', site.home, '--no-detach'], { stdio: ['ignore', 'ignore', 'inherit'] });

const stopDaemon = async (daemon: ChildProcess): Promise<void> => {
  if (daemon.exitCode !== null) return;
  const ended = new Promise((resolve) => daemon.once('exit', resolve));
  daemon.kill('SIGTERM');
  await ended;
};

interface Shown {
  readonly good: string;
  readonly bad: string;
}

const wholeWay = async (site: Site, tell: Narrator): Promise<Shown> => {
  const dsc = { good: '', bad: '' };
  await tell.step('A home with configuration and keys', () => [
    `${site.home}  (buildd.conf, wanna-build.toml, gnupg/)`,
    `the admin is ${admin}, mail lands in ${site.mailbox}`,
    ...call(command('buildd'), ['--home', site.home, 'check-config']).trimEnd().split('\n'),
  ]);
  await tell.step('Two source packages enter the store', () => {
    dsc.good = makeSource(site, 'greet');
    dsc.bad = makeSource(site, 'broken-greet');
    wannaBuild(site, '--add', dsc.good);
    wannaBuild(site, '--add', dsc.bad);
    return [
      '$ wanna-build --add greet_1.0.dsc broken-greet_1.0.dsc',
      ...excerpt(wannaBuild(site, '--list=needs-build').trimEnd().split('\n')),
    ];
  });
  const good = basename(dsc.good, '.dsc');
  const bad = basename(dsc.bad, '.dsc');
  const daemon = startDaemon(site);
  try {
    await goodPackage(site, tell, good);
    await brokenPackage(site, tell, bad);
  } finally {
    await stopDaemon(daemon);
  }
  return { good, bad };
};

const goodPackage = async (site: Site, tell: Narrator, nameVersion: string): Promise<void> => {
  const [name = '', version = ''] = nameVersion.split('_');
  const changes = `${nameVersion}_${site.architecture}.changes`;
  let letter: Letter | null = null;
  const theLetter = (): Letter => {
    if (letter === null) throw new Error('there is no log mail');
    return letter;
  };
  await tell.step('The daemon takes and builds it, and mails the signed log', async () => {
    letter = await awaitLetter(site, `Log for successful build of ${nameVersion} `, buildSeconds);
    if (!isSignedByBuildd(site, letter)) throw new Error('the log mail is not signed by the buildd');
    return [
      `log mail: ${letter.path} (its signature is good)`,
      ...headOf(letter, 30),
      '|   … and at the very end the .changes to sign',
      mustBe(site, name, 'Built'),
    ];
  });
  await tell.step('The admin signs the .changes and sends it back', async () => {
    const sent = answer(site, theLetter(), signed(site, changesIn(theLetter())));
    const queued = join(site.home, 'upload', changes);
    await until(`${changes} in the upload queue`, mailSeconds, () => (existsSync(queued) ? true : null));
    return [`reply: ${sent}`, `now in the upload queue: ${readdirSync(join(site.home, 'upload')).join(' ')}`];
  });
  await tell.step('The uploader brings it to the archive', () => {
    const said = call(command('buildd-uploader'), ['--home', site.home]).trimEnd();
    return ['$ buildd-uploader', ...excerpt(said.split('\n')), mustBe(site, name, 'Uploaded')];
  });
  await tell.step('The archive accepts it and says so', async () => {
    const indexes = acceptUploads(site);
    const sent = announceAccepted(site, changes, name, version);
    await until('the upload queue being empty again', mailSeconds, () =>
      existsSync(join(site.home, 'upload', changes)) ? null : true,
    );
    wannaBuild(site, '--merge-v3', indexes.packages, '.', indexes.sources);
    return [
      `the archive's mail: ${sent}`,
      '$ wanna-build --merge-v3 Packages . Sources',
      mustBe(site, name, 'Installed'),
      ...excerpt(wannaBuild(site, '--history', name).trimEnd().split('\n')),
    ];
  });
};

const brokenPackage = async (site: Site, tell: Narrator, nameVersion: string): Promise<void> => {
  const [name = ''] = nameVersion.split('_');
  await tell.step('The second package does not compile: its log mail names the reason', async () => {
    const letter = await awaitLetter(site, `Log for attempted build of ${nameVersion} `, buildSeconds);
    if (!/error:/.test(letter.text.split('\n').slice(0, 22).join('\n')))
      throw new Error('the head of the log mail does not show the compiler error');
    answer(site, letter, 'fail\nneeds a newer upstream version\n');
    await untilState(site, name, 'Failed');
    return [
      `log mail: ${letter.path}`,
      ...headOf(letter, 34),
      'the admin answers: fail / needs a newer upstream version',
      mustBe(site, name, 'Failed'),
      ...excerpt(wannaBuild(site, '--history', name).trimEnd().split('\n')),
    ];
  });
};

const whatToType = (site: Site): string[] => [
  `export PATH=${dirname(command('buildd'))}:$PATH BUILDD_HOME=${site.home}`,
  `wanna-build --dist ${distribution} --list=all`,
  `wanna-build --dist ${distribution} --override --give-back broken-greet_1.0   # it is built again at once`,
  `mail=$(ls -t ${site.mailbox}/*.eml | head -n 1); less "$mail"               # its log mail; answer it:`,
  `(echo "From: ${admin}"; sed -n 's/^Reply-To:/To:/p; s/^Subject: /Subject: Re: /p' "$mail"; echo; echo retry) | buildd-mail`,
  `tail ${site.home}/daemon.log`,
];

const keep = async (site: Site): Promise<void> => {
  const lines = [
    '',
    `The home stays: ${site.home}`,
    'Now "buildd up" runs on it, until Ctrl-C. In a second terminal type:',
    '',
    ...whatToType(site).map((line) => `  ${line}`),
    '',
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
  const up = spawn(command('buildd'), ['--home', site.home, '--listen', '127.0.0.1:0', 'up'], { stdio: 'inherit' });
  // Ctrl-C reaches both of us: it stops, and we wait for it.
  process.on('SIGINT', () => undefined);
  process.on('SIGTERM', () => up.kill('SIGTERM'));
  await new Promise((resolve) => up.once('exit', resolve));
};

const removeSite = (site: Site): void => {
  stopAgents(site);
  rmSync(site.root, { recursive: true, force: true, maxRetries: 5 });
};

const main = async (): Promise<number> => {
  const unknown = process.argv.slice(2).filter((argument) => argument !== '--keep');
  if (unknown.length > 0) {
    process.stderr.write(`quickstart: unknown argument "${unknown.join(' ')}"; known is --keep\n`);
    return 64;
  }
  const isKept = process.argv.includes('--keep');
  const root = mkdtempSync(join(tmpdir(), 'mailbuildd-'));
  const tell = narrator();
  let site: Site | null = null;
  try {
    site = makeSite(root);
    const { good, bad } = await wholeWay(site, tell);
    const total = tell.steps.reduce((sum, { seconds }) => sum + seconds, 0);
    process.stdout.write(`\nThe whole way took ${total.toFixed(1)} s.\n`);
    if (process.env['QUICKSTART_TIMES']) process.stdout.write(`times: ${JSON.stringify(tell.steps)}\n`);
    const finalState = (nameVersion: string): string => stateOf(site as Site, nameVersion.split('_')[0] ?? '');
    process.stdout.write(`quickstart: ${bad} is ${finalState(bad)}\nquickstart: ${good} is ${finalState(good)}\n`);
    if (isKept) await keep(site);
    else removeSite(site);
    return 0;
  } catch (error) {
    const line =
      error instanceof StepFailed
        ? error.message
        : `internal error: ${error instanceof Error ? error.message : String(error)}`;
    const log = site === null ? null : join(site.home, 'daemon.log');
    if (log !== null && existsSync(log))
      process.stderr.write(`last lines of ${log}:\n${readFileSync(log, 'utf8').split('\n').slice(-12).join('\n')}\n`);
    process.stderr.write(`quickstart: ${line}; the home is left in ${root}\n`);
    return 1;
  } finally {
    if (site !== null) stopAgents(site);
  }
};

process.exitCode = await main();
