// What follows from the end of a build: the report to the store, files, mails, as one intent. Pure.
import type { DistributionConf } from '../config/buildd-conf.ts';
import { binaryVersion } from '../debian/version.ts';
import type { Changes } from '../debian/changes.ts';
import type { Build, BuildEnd } from '../home/builds.ts';
import type { Effect } from '../home/effect.ts';
import type { IntentDraft } from '../home/intent.ts';
import type { StoreReport } from '../home/store-port.ts';

/** A .changes that was signed here and goes to the archive without the admin's answer. */
export interface SignedResult {
  readonly name: string;
  readonly text: string;
  readonly changes: Changes;
}

const actions = {
  successful: 'built',
  attempted: 'attempted',
  'given-back': 'give-back',
  failed: 'give-back',
} as const;

/**
 * The intent that reports a build which ended by itself.
 * @param signed the signed .changes, where the distribution has `sign_with`; null otherwise.
 */
export function reportOf(
  build: Build,
  end: BuildEnd & { readonly result: keyof typeof actions },
  distribution: DistributionConf,
  signed: SignedResult | null,
): IntentDraft {
  const nameVersion = `${build.package}_${build.version}`;
  const report: StoreReport = {
    action: actions[end.result],
    package: build.package,
    version: binaryVersion(build.version, build.binNmu?.number ?? 0),
    distribution: build.distribution,
    architecture: build.architecture,
    user: build.builderUser,
    claim: build.claim,
    message: null,
    buildPriority: null,
  };
  const effects: Effect[] = [{ kind: 'store', report }];
  if (end.result === 'given-back' || end.result === 'failed') {
    effects.push({
      kind: 'given-back',
      package: build.package,
      version: build.version,
      at: end.finished.toISOString(),
    });
  }
  if (end.result === 'successful' && signed !== null) {
    effects.push({
      kind: 'queue',
      queues: [distribution.dupload_local_queue_dir],
      files: signed.changes.files,
      changes: { name: signed.name, text: signed.text },
    });
  }
  const quiet = end.result === 'successful' && build.take.suppressSuccessfulLogs;
  return {
    what: `${report.action} ${nameVersion} (${build.distribution})`,
    subject: { ...subjectOf(build), claim: build.claim },
    effects,
    mails: quiet ? [] : [{ kind: 'log', build: build.number }],
    refusalMails: [
      {
        kind: 'notice',
        subject: `Result of ${nameVersion} was not recorded (dist=${build.distribution})`,
        text: [
          `The build of ${nameVersion} for ${build.distribution} on ${build.architecture} ended (${end.result}), but its result was not recorded.`,
          `Log: ${end.logFile ?? 'none'}`,
          'Where the store still holds it as Building by this buildd, it goes into REDO and is built once more.',
        ].join('\n'),
      },
    ],
  };
}

const subjectOf = (build: Build): { package: string; version: string; distribution: string; architecture: string } => ({
  package: build.package,
  version: build.version,
  distribution: build.distribution,
  architecture: build.architecture,
});
