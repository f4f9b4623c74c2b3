import { describe, expect, it } from 'vitest';
import { reasonsOf } from '../../../src/builder/reasons/reasons-of.ts';
import { rules } from '../../../src/builder/reasons/rules.ts';

interface Case {
  readonly id: string;
  readonly when: string;
  readonly stage: string;
  readonly log: string;
  /** The line that must be shown. */
  readonly shows: string;
  readonly answer: string | null;
}

const attempted = (stage: string) => ({ status: stage === 'build' ? 'attempted' : 'given-back', failStage: stage });

const cases: readonly Case[] = [
  {
    id: 'missing-build-dependency',
    when: 'dpkg-checkbuilddeps names what is missing',
    stage: 'install-deps',
    log: 'dpkg-checkbuilddeps: error: Unmet build dependencies: libfoo-dev (>= 1.2) python3:any bar | baz debhelper-compat (= 14)',
    shows:
      'dpkg-checkbuilddeps: error: Unmet build dependencies: libfoo-dev (>= 1.2) python3:any bar | baz debhelper-compat (= 14)',
    answer: 'dep-wait libfoo-dev (>= 1.2), python3, bar, debhelper (>= 14~)',
  },
  {
    id: 'missing-build-dependency',
    when: 'apt says in sbuild what it could not install',
    stage: 'install-deps',
    log: `The following packages have unmet dependencies:
 libother : Depends: libdeep (= 3) but 4 is to be installed
 sbuild-build-depends-main-dummy : Depends: libnothere-dev (>= 1.2) but it is not installable
                                   Depends: gcc (>= 99:1) but 4:12.2.0-3 is to be installed
                                   Depends: tooold (<< 2) but 3 is to be installed
                                   Depends: debhelper-compat (= 99)
E: Unable to correct problems, you have held broken packages.`,
    shows: ' sbuild-build-depends-main-dummy : Depends: libnothere-dev (>= 1.2) but it is not installable',
    answer: 'dep-wait libnothere-dev (>= 1.2), gcc (>= 99:1), debhelper (>= 99~)',
  },
  {
    id: 'missing-build-dependency',
    when: 'there are only conflicts, so that nothing can be waited for',
    stage: 'install-deps',
    log: 'dpkg-checkbuilddeps: error: Unmet build conflicts: libfoo-dev',
    shows: 'dpkg-checkbuilddeps: error: Unmet build conflicts: libfoo-dev',
    answer: null,
  },
  {
    id: 'compiler-error',
    when: 'a name is not declared',
    stage: 'build',
    log: `cc -g -O2 -o broken-greet broken-greet.c
broken-greet.c: In function ‘main’:
broken-greet.c:5:28: error: ‘guest’ undeclared (first use in this function)
    5 |     printf("Hello, %s.\\n", guest);
      |                            ^~~~~
make: *** [debian/rules:20: broken-greet] Error 1
dpkg-buildpackage: error: debian/rules binary-arch subprocess returned exit status 2`,
    shows: 'broken-greet.c:5:28: error: ‘guest’ undeclared (first use in this function)',
    answer: null,
  },
  {
    id: 'compiler-error',
    when: 'a header is not there',
    stage: 'build',
    log: 'b.c:1:10: fatal error: nothere.h: No such file or directory\n    1 | #include "nothere.h"\ncompilation terminated.',
    shows: 'b.c:1:10: fatal error: nothere.h: No such file or directory',
    answer: null,
  },
  {
    id: 'linker-error',
    when: 'a function is nowhere defined',
    stage: 'build',
    log: "/usr/bin/ld: /tmp/cc0bjeTK.o: in function `main':\na.c:(.text+0x5): undefined reference to `f'\ncollect2: error: ld returned 1 exit status",
    shows: "a.c:(.text+0x5): undefined reference to `f'",
    answer: null,
  },
  {
    id: 'test-failure',
    when: 'a test fails, after a warning of configure that looks like an error',
    stage: 'build',
    log: `conftest.c:9:10: fatal error: ac_nonexistent.h: No such file or directory
checking whether the compiler works... yes
./run-tests ./greet
PASS: Hello.
FAIL: expected "Hello, Ada.", got "Hello, ."
make: *** [debian/rules:17: build-arch] Error 1`,
    shows: 'FAIL: expected "Hello, Ada.", got "Hello, ."',
    answer: null,
  },
  {
    id: 'configure-error',
    when: 'configure gives up',
    stage: 'build',
    log: 'checking for libfoo... no\nconfigure: error: libfoo is needed\nmake: *** [debian/rules:7: build-arch] Error 1',
    shows: 'configure: error: libfoo is needed',
    answer: null,
  },
  {
    id: 'symbols-mismatch',
    when: 'a library lost a symbol',
    stage: 'build',
    log: `dpkg-gensymbols: warning: some symbols or patterns disappeared in the symbols file: see diff output below
dpkg-gensymbols: error: the symbols file changed and that is not allowed
dh_makeshlibs: error: failing due to earlier errors`,
    shows: 'dpkg-gensymbols: warning: some symbols or patterns disappeared in the symbols file: see diff output below',
    answer: null,
  },
  {
    id: 'missing-file',
    when: 'dh_install finds nothing',
    stage: 'build',
    log: 'dh_install: warning: Cannot find (any matches for) "usr/bin/greet" (tried in ., debian/tmp)\ndh_install: error: missing files, aborting',
    shows: 'dh_install: error: missing files, aborting',
    answer: null,
  },
  {
    id: 'missing-file',
    when: 'cp finds nothing',
    stage: 'build',
    log: "cp nothere /tmp\ncp: cannot stat 'nothere': No such file or directory\nmake: *** [Makefile:4: check] Error 1",
    shows: "cp: cannot stat 'nothere': No such file or directory",
    answer: null,
  },
  {
    id: 'no-space',
    when: 'the disk is full, whatever fails because of it',
    stage: 'build',
    log: "a.c:3:1: error: cannot write\ndd: error writing 'out': No space left on device\nmake: *** [debian/rules:3: build] Error 1",
    shows: "dd: error writing 'out': No space left on device",
    answer: 'retry',
  },
  {
    id: 'out-of-memory',
    when: 'the kernel killed the compiler',
    stage: 'build',
    log: 'c++: fatal error: Killed signal terminated program cc1plus\ncompilation terminated.\nmake[2]: *** [Makefile:9: big.o] Error 1',
    shows: 'c++: fatal error: Killed signal terminated program cc1plus',
    answer: 'giveback',
  },
  {
    id: 'stuck',
    when: 'we stopped it because it said nothing',
    stage: 'build',
    log: 'testing threads\n\nE: mailbuildd: no output for 7200 s, stopped\nmake: *** [debian/rules:5: build] Terminated',
    shows: 'E: mailbuildd: no output for 7200 s, stopped',
    answer: 'retry',
  },
  {
    id: 'timeout',
    when: 'we stopped it because it took too long',
    stage: 'build',
    log: '\nE: mailbuildd: the build took longer than 86400 s, stopped',
    shows: 'E: mailbuildd: the build took longer than 86400 s, stopped',
    answer: 'retry',
  },
  {
    id: 'fetch-error',
    when: 'the mirror cannot be reached',
    stage: 'apt-get-update',
    log: `Err:1 http://archive.example.org/debian bookworm InRelease
  Temporary failure resolving 'archive.example.org'
E: Failed to fetch http://archive.example.org/debian/dists/bookworm/InRelease  Temporary failure resolving 'archive.example.org'`,
    shows:
      "E: Failed to fetch http://archive.example.org/debian/dists/bookworm/InRelease  Temporary failure resolving 'archive.example.org'",
    answer: 'retry',
  },
  {
    id: 'source-not-found',
    when: 'the archive does not have the source',
    stage: 'fetch-src',
    log: 'Checking available source versions...\nW: Unable to locate package notthere\nE: Cannot parse output of apt-cache showsrc: ',
    shows: 'W: Unable to locate package notthere',
    answer: 'retry',
  },
  {
    id: 'internal-compiler-error',
    when: 'the compiler crashes',
    stage: 'build',
    log: 'big.c:17:3: internal compiler error: Segmentation fault\nPlease submit a full bug report, with preprocessed source.',
    shows: 'big.c:17:3: internal compiler error: Segmentation fault',
    answer: 'retry',
  },
  {
    id: 'network-in-build',
    when: 'the build downloads something',
    stage: 'build',
    log: 'curl: (6) Could not resolve host: files.example.org\nmake: *** [debian/rules:4: build] Error 6',
    shows: 'curl: (6) Could not resolve host: files.example.org',
    answer: null,
  },
  {
    id: 'signal',
    when: 'a program crashes',
    stage: 'build',
    log: 'kill -SEGV $$\nmake: *** [Makefile:2: all] Segmentation fault\ndpkg-buildpackage: error: debian/rules build subprocess returned exit status 2',
    shows: 'make: *** [Makefile:2: all] Segmentation fault',
    answer: null,
  },
  {
    id: 'rules-error',
    when: 'debian/rules has no such target',
    stage: 'build',
    log: "make: *** No rule to make target 'binary-arch'.  Stop.\ndpkg-buildpackage: error: debian/rules binary-arch subprocess returned exit status 2",
    shows: "make: *** No rule to make target 'binary-arch'.  Stop.",
    answer: null,
  },
];

describe('the likely reason', () => {
  for (const { id, when, stage, log, shows, answer } of cases) {
    it(`is ${id} when ${when}`, () => {
      const [reason] = reasonsOf(log.split('\n'), attempted(stage));
      expect(reason?.id).toBe(id);
      expect(reason?.lines).toContain(shows);
      expect(reason?.proposal?.answer ?? null).toBe(answer);
    });
  }

  it('has a case here for every rule', () => {
    expect(new Set(cases.map(({ id }) => id))).toEqual(new Set(rules.map(({ id }) => id)));
  });

  it('is not looked for in a success', () => {
    expect(reasonsOf(['a.c:1:1: error: nothing'], { status: 'successful', failStage: null })).toEqual([]);
  });

  it('is empty where no rule knows', () => {
    expect(reasonsOf(['all is well', 'but it is not'], attempted('build'))).toEqual([]);
  });

  it('shows at most five lines', () => {
    const lines = Array.from({ length: 50 }, (_, n) => `a.c:${n + 1}:1: error: ‘x${n}’ undeclared`);
    expect(reasonsOf(lines, attempted('build'))[0]?.lines).toHaveLength(5);
  });

  it('takes the compiler for the cause when its error comes after an expected test failure', () => {
    const lines = ['FAIL: known', 'late.c:1:1: error: expected ‘;’'];
    expect(reasonsOf(lines, attempted('build')).map(({ id }) => id)).toEqual(['compiler-error', 'test-failure']);
  });

  it('does not take what a build prints for trouble with its dependencies', () => {
    const lines = ['dpkg-checkbuilddeps: error: Unmet build dependencies: evil', 'a.c:1:1: error: no'];
    expect(reasonsOf(lines, attempted('build'))[0]?.id).toBe('compiler-error');
  });

  it('comes back from two thousand long lines that are made to confuse patterns', () => {
    const evil = [
      'make: *** [',
      ' '.repeat(4000),
      'a:'.repeat(2000),
      '='.repeat(4000),
      `sbuild${'-'.repeat(4000)}`,
      '1'.repeat(4000),
      'x: '.repeat(1300),
      `/${'ld: '.repeat(1000)}`,
    ];
    const lines = Array.from({ length: 2000 }, (_, n) => `${evil[n % evil.length] ?? ''}${'] ('.repeat(20)}`);
    expect(reasonsOf(lines, attempted('build'))).toEqual([]);
  });
});
