import type { Instant } from "../../src/domain/instant.ts";
import type { Threshold } from "../../src/domain/limits.ts";
import type { PerWindow } from "../../src/domain/period.ts";
import type { Session } from "../../src/platform/database.ts";
import type { Log } from "../ports.ts";
import { textOrNull, whole } from "../store/row.ts";
import { alertsOfKeys, endOfKeys } from "./sql.ts";

/** What a scan works with. */
export interface ScanOptions {
  readonly session: Session;
  readonly log: Log;
  readonly now: Instant;
  /** Ends it between two batches of keys. */
  readonly signal: AbortSignal;
  readonly thresholds: readonly Threshold[];
  /** Of keys of which no policy is known; null = unlimited. */
  readonly defaultLimits: PerWindow<bigint | null>;
}

/**
 * Raises the alerts that no change has raised: of keys whose limit was lowered under what they have used already. Once
 * for each key, type and period, as everywhere; run again it finds them raised.
 * @throws Fault when Postgres does not let it
 */
export async function scanAlerts(options: ScanOptions): Promise<void> {
  const { session, log, now, signal, thresholds, defaultLimits } = options;
  const { daily, monthly, yearly } = defaultLimits;
  const percents = thresholds.map(({ percent }) => percent);
  const levels = thresholds.map(({ level }) => level);
  let raised = 0;
  let after = "";
  while (!signal.aborted) {
    const [end = {}] = await session.run(endOfKeys, [after]);
    const upTo = textOrNull(end, "quota_key");
    const values = [after, upTo, new Date(now), percents, levels, daily, monthly, yearly];
    const [row = {}] = await session.run(alertsOfKeys, values);
    raised += whole(row, "raised");
    if (upTo === null) break;
    after = upTo;
  }
  if (raised > 0) log.info({ raised }, "alerts raised for limits that were lowered");
}
