// What build daemons, the mail processor and the uploader ask of a store, wherever it is. The local client opens
// it directly; the remote one drives the wanna-build command of a server.
import type { StorePort } from '../home/store-port.ts';
import type { PackageKey, PackageRecord } from './record.ts';

export interface ListedPackage {
  readonly package: string;
  readonly version: string;
  /** `SECTION/NAME_VERSION [PRIORITY:NOTES…]`, as the store printed it. */
  readonly line: string;
}

export type TakeReply =
  | {
      readonly status: 'ok';
      readonly package: string;
      readonly version: string;
      readonly claim: number | null;
      readonly binary_nmu_version: number | null;
      readonly binary_nmu_changelog: string | null;
      readonly extra_depends: string | null;
      readonly extra_conflicts: string | null;
      readonly archive: string | null;
      readonly build_dep_resolver: string | null;
      readonly suppress_successful_logs: boolean;
      readonly mail_logs: string | null;
      /** Absolute path of the .dsc, where it was registered from one on this machine; null: it is in the archive. */
      readonly source_path: string | null;
      /** The version before it failed: ask the admin first ("Should I build"). Its reason, where known. */
      readonly previous_failed: { readonly reason: string | null } | null;
    }
  | { readonly status: 'not ok'; readonly package: string; readonly reason: string };

export interface WannaBuildClient extends StorePort {
  /** What can be taken now, in the order in which the store wants it built. */
  needsBuild(distribution: string, architecture: string, user: string): Promise<ListedPackage[]>;
  /** Takes packages (`NAME_VERSION`) for a builder; one reply each. */
  take(nameVersions: readonly string[], distribution: string, architecture: string, user: string): Promise<TakeReply[]>;
  /** The record; null when it is not registered. */
  info(key: PackageKey): Promise<PackageRecord | null>;
  /** Everything that is Building for this builder (also what `USER-host` took). */
  buildingFor(user: string, distribution: string, architecture: string): Promise<PackageRecord[]>;
  close(): Promise<void>;
}
