// What wanna-build.toml may contain. Nothing here reads a file; see load.ts.
import * as v from 'valibot';
import { architecture, distributionName, flag, strings, text } from './values.ts';

const number = v.number('expected a number');
const architectures = v.array(architecture, 'expected a list of architectures');
const weights = v.optional(v.record(text, number), {});

const priority = v.strictObject({
  priority: weights,
  section: weights,
  component: weights,
  notes: weights,
  waiting_days: v.optional(
    v.strictObject({ min: v.optional(number, 0), max: v.optional(number, 6), scale: v.optional(number, 2) }),
    {},
  ),
  build_hours: v.optional(
    v.strictObject({
      default: v.optional(number, 2),
      min: v.optional(number, 0),
      max: v.optional(number, 15),
      scale: v.optional(number, 1),
    }),
    {},
  ),
});

const distribution = v.strictObject({
  name: distributionName,
  aliases: v.optional(strings, []),
  architectures: architectures,
  auto_dep_wait: v.optional(flag, true),
  build_dep_resolver: v.optional(text),
  archive: v.optional(text),
  mail_logs: v.optional(text),
  suppress_successful_logs: v.optional(flag, false),
  public: v.optional(flag, true),
});

const host = v.strictObject({
  name: text,
  architectures: architectures,
  user: text,
  maintainer_name: v.optional(text),
  mailfrom: v.optional(text),
});

export const wannaBuildConfSchema = v.strictObject({
  store: v.optional(text, 'sqlite:wanna-build.db'),
  admin_users: v.optional(strings),
  db_maint: v.optional(text),
  notforus_maint: v.optional(text),
  domain: v.optional(text),
  list_order: v.optional(v.record(text, text), {}),
  priority: v.optional(priority, {}),
  distributions: v.optional(v.array(distribution, 'expected [[distributions]] tables'), []),
  hosts: v.optional(v.array(host, 'expected [[hosts]] tables'), []),
});

type Conf = v.InferOutput<typeof wannaBuildConfSchema>;
export type StoreDistribution = Conf['distributions'][number];
export type PriorityWeights = Conf['priority'];

/** wanna-build.toml checked, defaults filled in. Without any `[[distributions]]` those of buildd.conf stand here. */
export type WannaBuildConf = Conf & {
  readonly files: readonly string[];
  /** Lines about keys that are set but whose feature is not there yet. */
  readonly notices: readonly string[];
};
