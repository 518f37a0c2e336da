import type { SuspensionAlert, ThresholdAlert } from "./fact.ts";
import type { Limits, Threshold } from "./limits.ts";
import { minor } from "./money.ts";
import { type PerWindow, windowNames } from "./period.ts";
import type { Quota, Suspension } from "./quota.ts";

/**
 * The thresholds that a change of used crosses upwards: each once a period, however often use falls and rises again.
 * Held amounts do not count until they are taken; a window without a limit, or with limit 0, raises none.
 */
export function alertsRaised(
  quota: Quota,
  usedChange: PerWindow<bigint>,
  limits: Limits,
  thresholds: readonly Threshold[],
): readonly ThresholdAlert[] {
  const raised: ThresholdAlert[] = [];
  for (const name of windowNames) {
    const limit = limits.windows[name];
    const change = usedChange[name];
    if (limit === null || limit <= 0n || change <= 0n) continue;
    const window = quota.windows[name];
    const used = minor(window.used + change);
    for (const { percent, level } of thresholds) {
      if (percent > window.alerted && used * 100n >= limit * BigInt(percent)) {
        raised.push({ kind: "threshold", window: name, percent, level, used, limit });
      }
    }
  }
  return raised;
}

/** One alert for a suspension; a merchant who is suspended already is known to be, whatever the new reason. */
export function suspensionAlerts(
  quota: Quota,
  { reason, by }: Suspension,
): readonly SuspensionAlert[] {
  return quota.suspension ? [] : [{ kind: "suspended", level: "critical", reason, by }];
}
