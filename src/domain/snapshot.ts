import { type Instant, later } from "./instant.ts";
import type { Limits } from "./limits.ts";
import type { Standing } from "./outcome.ts";
import { calendarAt } from "./period.ts";
import { calendarOf, type Quota, rolled } from "./quota.ts";

/** A quota as it was at its version, and the limits that were in force. */
export interface Snapshot {
  readonly quota: Quota;
  readonly limits: Limits;
}

/** What stands of it at a time: a window whose period has ended by then is empty, whoever has reset it. */
export function standingAt({ quota, limits }: Snapshot, wallNow: Instant): Standing {
  const at = later(wallNow, quota.updatedAt);
  const calendar = calendarAt(at, limits.zone);
  const running = rolled(quota, calendar);
  return { quota: running, limits, calendar: calendarOf(running, calendar), at };
}
