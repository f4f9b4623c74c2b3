// What a builder is asked to build, and where. A job names everything; a builder reads no configuration.
export interface BuildJob {
  /** This home's number of the build. */
  readonly build: number;
  readonly package: string;
  /** The source's version, without a binNMU suffix. */
  readonly version: string;
  readonly distribution: string;
  readonly architecture: string;
  readonly binNmu: { readonly number: number; readonly changelog: string } | null;
  readonly extraDepends: string | null;
  readonly extraConflicts: string | null;
  readonly buildDepResolver: string | null;
  /** sbuild's chroot name. */
  readonly chroot: string | null;
  /** Fingerprint that signs the .changes (sbuild's `--keyid`); null: unsigned. */
  readonly signWith: string | null;
  /** `Name <address>` for the changelog of a binNMU and the Changed-By of the .changes. */
  readonly maintainer: string | null;
  readonly mailFrom: string | null;
  /** Where a source that is not in an archive lies: the .dsc's path; null: the builder fetches it itself. */
  readonly dscFile: string | null;
  /** Results go here. */
  readonly buildDirectory: string;
  readonly logDirectory: string;
  readonly statsDirectory: string;
  readonly home: string;
  readonly niceLevel: number;
  /** Seconds for the whole build. */
  readonly buildTimeout: number;
  /** Seconds without log output. */
  readonly stuckTimeout: number;
  /** Extra arguments for sbuild, from the configuration. */
  readonly sbuildArgs: readonly string[];
  /** Suffix of the .changes: `NAME_VERSION_ARCH-SUFFIX.changes`; null for none. */
  readonly fileSuffix: string | null;
}
