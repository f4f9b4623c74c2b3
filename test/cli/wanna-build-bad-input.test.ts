// Bad input: one line that says what, where and what to do, the exit code, and nothing changed.
import Database from 'better-sqlite3';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { row, runWannaBuild, storeWorld, type StoreWorld } from '../support/store-world.ts';

let world: StoreWorld | undefined;
afterEach(() => world?.end());

describe('bad arguments', () => {
  it.each([
    [['--bogus'], 'unknown option --bogus; see wanna-build --help', 64],
    [['-Z'], 'unknown option -Z; see wanna-build --help', 64],
    [['--'], 'No packages given; see wanna-build --help', 64],
    [[], 'No packages given; see wanna-build --help', 64],
    [['--info'], 'No packages given; see wanna-build --help', 64],
    [['--add'], '--add: a .dsc file is missing', 64],
    [['--add', '/nosuch.dsc'], '/nosuch.dsc: no such file', 65],
    [['foo_1', '--user'], '--user: a value is missing; see wanna-build --help', 64],
    [['foo_1', '-U'], '-U: a value is missing; see wanna-build --help', 64],
    [['--extra=foo', 'foo_1'], '--extra is ambiguous: --extra-depends, --extra-conflicts', 64],
    [['--built', '--attempted', 'foo_1'], '--built and --attempted: one command at a time', 64],
    [['--verbose=1', 'foo_1'], '--verbose takes no value', 64],
    [['--api', '7', 'foo_1'], '--api: expected 0, 1 or 2, not "7"', 64],
    [['--built', '--claim', 'x', 'foo_1'], '--claim: expected a whole number, not "x"', 64],
    [['--list=needs-build', '--min-age', 'soon'], '--min-age: expected a number of days, not "soon"', 64],
    [['--list=needs-build', '--order', 'CX'], '--order: "X" is no order letter; there are C W P p s n b c S T', 64],
    [['--binNMU', '-1', '-m', 'x', 'foo_1'], '--binNMU: expected 0 or more', 64],
    [['-U', 'a b\n', 'foo_1'], '--user: expected a user name of letters, digits and _.@+-', 64],
    [
      ['--update', '--extra-depends', 'foo\nbar', 'foo_1'],
      '--extra-depends: expected one line without control characters',
      64,
    ],
    [['--dist=sid,bookworm', 'foo_1'], '--dist: one distribution is expected here', 64],
    [['--dist=nosuch', '--list=needs-build'], "Bad distribution 'nosuch'; known are sid, bookworm", 65],
    [
      ['--arch=hurd-i386', '--list=needs-build'],
      'architecture (hurd-i386) does not exist (at least not for sid); known are arm64, all',
      65,
    ],
    [
      ['-b', 'mips/build-db', '-A', 'mips', '--list=all'],
      'architecture (mips) does not exist (at least not for sid); known are arm64, all',
      65,
    ],
    [
      ['--list=nonsense'],
      'Unknown state to list: nonsense; known are needs-build, bd-uninstallable, dep-wait, building, built, build-attempted, ' +
        'uploaded, installed, failed, not-for-us, auto-not-for-us, failed-removed, dep-wait-removed, all',
      65,
    ],
    [['--store=mysql://x', '--info', 'foo'], 'store: mysql: is not supported; expected "sqlite:PATH"', 78],
  ])('%j', async (args, message, exitCode) => {
    world = await storeWorld(row('foo'));
    expect(await world.run(args)).toEqual({ stdout: '', stderr: `wanna-build: ${message}\n`, exitCode });
    expect(await world.log('foo')).toEqual([]);
  });

  it('is told also where nothing is configured, or no home is', async () => {
    world = await storeWorld();
    const { home } = world;
    rmSync(join(home, 'wanna-build.toml'));
    expect(await runWannaBuild(['--home', home, '--info', 'foo'])).toEqual({
      stdout: '',
      stderr:
        `wanna-build: no configuration in ${home}: expected ${home}/wanna-build.toml or ${home}/buildd.conf with ` +
        '[[distributions]]; make one, or name another home with --home\n',
      exitCode: 78,
    });
    expect(await runWannaBuild(['--home', `${home}/nosuch`, '--info', 'foo'])).toEqual({
      stdout: '',
      stderr: `wanna-build: home ${home}/nosuch: no such directory; make one, or name another home with --home\n`,
      exitCode: 78,
    });
    writeFileSync(join(home, 'wanna-build.toml'), 'domain = "example.org"\n');
    expect(await runWannaBuild(['--home', home, '--info', 'foo'])).toEqual({
      stdout: '',
      stderr:
        "wanna-build: Bad distribution 'unstable'; none is configured: expected [[distributions]] in wanna-build.toml or buildd.conf\n",
      exitCode: 65,
    });
  });

  it('is, without a distribution, only that there are several, and none is unstable', async () => {
    world = await storeWorld(row('foo'));
    const { home } = world;
    const file = join(home, 'wanna-build.toml');
    const text = readFileSync(file, 'utf8').replace('aliases = ["unstable"]', '');
    const listed = () => runWannaBuild(['--home', home, '--arch=arm64', '--list=needs-build']);
    writeFileSync(file, text);
    expect(await listed()).toEqual({
      stdout: '',
      stderr: 'wanna-build: no distribution named unstable: name one with -d: known are sid, bookworm\n',
      exitCode: 65,
    });
    const start = text.indexOf('[[distributions]]\nname = "bookworm"');
    writeFileSync(file, text.slice(0, start) + text.slice(text.indexOf('[priority]')));
    expect(await listed()).toMatchObject({ stdout: expect.stringContaining('foo_1.0-1') as unknown, exitCode: 0 });
  });

  it('is told of an order in the configuration that is none', async () => {
    world = await storeWorld();
    const file = join(world.home, 'wanna-build.toml');
    writeFileSync(file, `${readFileSync(file, 'utf8')}\n[list_order]\nneeds-build = "CXn"\n`);
    expect(await world.run(['--list=needs-build'])).toEqual({
      stdout: '',
      stderr: 'wanna-build: wanna-build.toml: list_order: "X" is no order letter; there are C W P p s n b c S T\n',
      exitCode: 78,
    });
    expect((await world.run(['--list=needs-build', '-O', 'n'])).exitCode).toBe(0);
  });

  it('never makes a terminal obey it', async () => {
    world = await storeWorld(row('foo'));
    const clear = 'x\u001b[2J\u009by';
    const answers = [
      await world.run(['--info', clear]),
      await world.run(['--history', clear]),
      await world.run(['--built', clear]),
      await world.run([clear]),
      await world.run(['--list', clear]),
      await world.run([`--dist=${clear}`, '--list=all']),
      await world.run([`--${clear}`]),
    ];
    for (const { stdout, stderr } of answers) {
      expect(stdout + stderr).toContain('x?[2J?y');
      expect(stdout + stderr).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
    }
  });

  it('is a message that is too long, or blank', async () => {
    world = await storeWorld(row('foo'));
    expect(await world.run(['--failed', 'foo_1.0-1'], `${'x'.repeat(99)}\n`.repeat(20_000))).toMatchObject({
      stderr: 'wanna-build: the message is longer than 1048576 characters\n',
      exitCode: 64,
    });
    expect(await world.run(['--failed', 'foo_1.0-1'], ' \n\t\n.\n')).toMatchObject({
      stderr: 'wanna-build: No fail reason given\n',
      exitCode: 64,
    });
    expect(await world.log('foo')).toEqual([]);
    const blanks = `a${' '.repeat(500_000)}b`;
    expect((await world.run(['--failed', 'foo_1.0-1'], `${blanks}\n`)).exitCode).toBe(0);
    expect((await world.record('foo'))?.failed).toBe(blanks);
  });

  it('never breaks the revision line, whatever the arguments hold', async () => {
    world = await storeWorld(row('foo'));
    const { stdout } = await world.run(['-v', '--failed', '-m', 'a\nwanna-build: x\u001b[2J', 'foo_1.0-1', '..\n/x']);
    const [first, ...rest] = stdout.split('\n');
    expect(first).toContain('#-m#a wanna-build: x [2J#foo_1.0-1#.. /x');
    expect(rest).toEqual([
      '# foo: warning: state is Needs-Build, processing anyways.',
      'foo: registered as failed',
      "..?/x: can't extract package name and version (bad format)",
      '',
    ]);
  });

  it('explains itself with --help', async () => {
    const { stdout, exitCode } = await runWannaBuild(['--help']);
    expect(stdout).toMatch(/^Usage: wanna-build /);
    expect(exitCode).toBe(0);
  });
});

describe('a store that cannot be used', () => {
  const damaged = async (
    damage: (path: string) => void,
  ): Promise<{ answer: { stderr: string; exitCode: number }; path: string }> => {
    world = await storeWorld(row('foo'));
    const path = join(world.home, 'wanna-build.db');
    damage(path);
    return { answer: await world.run(['-U', 'buildd_a', 'foo_1.0-1']), path };
  };

  it('is corrupt', async () => {
    const { answer, path } = await damaged((file) =>
      writeFileSync(file, 'this is no database, and never was one. '.repeat(50)),
    );
    expect(answer).toEqual({
      stdout: '',
      stderr: `wanna-build: store ${path}: cannot be used: file is not a database; restore it from a backup\n`,
      exitCode: 69,
    });
    expect(readFileSync(path, 'utf8')).toMatch(/^this is no database/);
  });

  it('was emptied: a new one is begun, with a warning', async () => {
    const said = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
    try {
      const { answer, path } = await damaged((file) => {
        for (const one of [file, `${file}-wal`, `${file}-shm`]) rmSync(one, { force: true });
        writeFileSync(file, '');
      });
      expect(answer).toMatchObject({ stdout: expect.stringContaining('not registered yet') as unknown, exitCode: 0 });
      expect(said.mock.calls.map(([line]) => line)).toEqual([
        `warning: store ${path}: was empty (0 bytes); began a new store. If there was one, restore its backup\n`,
      ]);
    } finally {
      said.mockRestore();
    }
  });

  it('is a directory', async () => {
    const { answer, path } = await damaged((file) => {
      rmSync(file);
      mkdirSync(file);
    });
    expect(answer).toMatchObject({
      stderr: `wanna-build: store ${path}: cannot be used: is a directory\n`,
      exitCode: 69,
    });
  });

  it('lies in a directory that is not there', async () => {
    world = await storeWorld();
    const { stderr, exitCode } = await world.run(['--store=sqlite:nosuch/wb.db', '--info', 'foo']);
    expect(stderr).toMatch(/^wanna-build: store \S+\/nosuch\/wb\.db: cannot be used: its directory does not exist\n$/);
    expect(exitCode).toBe(69);
  });

  it('was written by a newer program', async () => {
    const { answer, path } = await damaged((file) => {
      const database = new Database(file);
      database.pragma('user_version = 99');
      database.close();
    });
    expect(answer).toMatchObject({
      stderr: `wanna-build: store ${path}: was written by a newer mailbuildd (schema 99, this one knows 1); upgrade the program\n`,
      exitCode: 65,
    });
  });

  it("is another program's database", async () => {
    const { answer, path } = await damaged((file) => {
      for (const one of [file, `${file}-wal`, `${file}-shm`]) rmSync(one, { force: true });
      const database = new Database(file);
      database.exec('create table bookmarks (url text)');
      database.close();
    });
    expect(answer).toMatchObject({
      stderr: `wanna-build: store ${path}: is a database, but not a wanna-build store\n`,
      exitCode: 65,
    });
  });
});

describe('--merge-v3', () => {
  it.each([
    [['--merge-v3', 'Packages'], '--merge-v3: expected Packages files, a ".", then Sources files', 64],
    [['--merge-v3', 'Packages', '.', 'nosuch'], 'nosuch: no such file', 65],
  ])('%j', async (args, message, exitCode) => {
    world = await storeWorld(row('foo'));
    expect(await world.run(args)).toEqual({ stdout: '', stderr: `wanna-build: ${message}\n`, exitCode });
    expect((await world.record('foo'))?.state).toBe('Needs-Build');
  });

  it('changes nothing for an index that is none, or empty, and keeps what is registered', async () => {
    world = await storeWorld(row('foo'));
    const { home, run, record } = world;
    const [packages, sources] = [join(home, 'Packages'), join(home, 'Sources')];
    writeFileSync(packages, '');
    writeFileSync(sources, 'Package: bar\nVersion: 1\nArchitecture: any\n\nrubbish\n');
    expect(await run(['--merge-v3', packages, '.', sources])).toMatchObject({
      stderr: `wanna-build: ${sources}: line 5: not a field: rubbish\n`,
      exitCode: 65,
    });
    writeFileSync(sources, '');
    expect(await run(['--merge-v3', packages, '.', sources])).toMatchObject({
      stderr: `wanna-build: ${sources}: no source package in it; nothing was merged\n`,
      exitCode: 65,
    });
    expect(await record('foo')).not.toBeNull();
    expect(await record('bar')).toBeNull();
  });

  it('is for admin users', async () => {
    world = await storeWorld();
    const file = join(world.home, 'wanna-build.toml');
    writeFileSync(file, `admin_users = ["nobody-else"]\n${readFileSync(file, 'utf8')}`);
    const { stderr, exitCode } = await world.run(['--merge-v3', 'P', '.', 'S']);
    expect(stderr).toMatch(/^wanna-build: --merge-v3: \S+ is not one of admin_users \(wanna-build\.toml\)\n$/);
    expect(exitCode).toBe(64);
  });
});
