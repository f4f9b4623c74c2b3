// What `wanna-build --help` prints.

export const wannaBuildUsage = `Usage: wanna-build [OPTION]… [COMMAND] NAME_VERSION…

Commands (without one: --take):
  --take, --building            take packages for building
  --built, --attempted          a build was successful, a build failed
  -u, --uploaded                the binaries were uploaded
  -f, --failed                  the package needs a fix; reason from -m, or standard input up to a line "."
  --dep-wait                    waits for packages: "pkg (>= v), pkg2"; from -m, or one line of standard input
  --give-back, --needs-build    put back into the queue
  -n, --no-build, --not-for-us  never build here; a second time takes it back
  --binNMU N, --binary-nmu N    build again as VERSION+bN; changelog from -m or standard input; 0 cancels
  --build-priority P, --permanent-build-priority P
  --update, --forget            read a record anew, remove it
  --add FILE.dsc                register a source without an archive index
  --merge-v3 Packages… . Sources…
  -i, --info NAME…              show what is known of a package
  -l, --list STATE              list packages in a state, or "all"
  --history NAME…               the transaction log of a package, oldest first
  --whoami, --distribution-architectures, --distribution-aliases
  -h, --help, --version

Options:
  -A, --arch ARCH               architecture (default: this host's)
  -d, --dist DIST               distribution (default: unstable, or the only one);
                                for --list and --info also D1,D2 or "all"
  -U, --user USER               the builder's name (default: the login name)
  -m, --message TEXT            fail reason, dependencies, changelog
  -o, --override                also what would be refused
  --claim N                     refuse a report that does not belong to take number N
  --extra-depends LIST, --extra-conflicts LIST
  -O, --order LETTERS, -a, --min-age DAYS, --max-age DAYS, --format TEXT
  --api 0|1|2, --json           form of the output (default: API 1)
  --simulate                    change nothing, show the transactions
  --strict                      exit 3 when a package is refused
  -b, --database ARCH/…         old form of --arch
  --Pas FILE                    Packages-arch-specific, for --merge-v3
  --home DIR, --store URL       where the configuration and the store are
  -v, --verbose

Exit status: 0 done, 3 refused (--strict), 64 bad usage, 65 unknown distribution, architecture, state, or a bad file,
69 store not reachable, 75 temporary, 78 configuration.
`;
