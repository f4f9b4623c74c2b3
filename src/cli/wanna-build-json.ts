// A record as `--json` prints it, the same in a list and in `--info`.
import { calculatedPriority, daysInState, secondsInState } from '../wanna-build/priority.ts';
import type { PackageRecord } from '../wanna-build/record.ts';
import type { Request } from './wanna-build-request.ts';

/** All fields of a record, and what is calculated from them. Stable: fields may be added, none goes. */
export const asJson = (record: PackageRecord, { conf, time }: Request): Record<string, unknown> => ({
  ...record,
  calculated_priority: calculatedPriority(record, conf.priority, time),
  days_in_state: daysInState(record, time),
  seconds_in_state: secondsInState(record, time),
});
