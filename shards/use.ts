import { usageTenThousandths } from "../src/domain/forecast.ts";
import type { Instant } from "../src/domain/instant.ts";
import { calendarAt } from "../src/domain/period.ts";
import { rolled } from "../src/domain/quota.ts";
import type { Shard } from "./shard.ts";

/** Use of a resident key, for the metrics. */
export interface KeyUse {
  readonly merchantId: string;
  readonly currency: string;
  /** Share of the limit that is used, the highest of its windows; 1 = all of it. */
  readonly rate: number;
}

/** The resident keys with the highest use of a limit, highest first. */
export function topUse(shards: Iterable<Shard>, now: Instant, count: number): readonly KeyUse[] {
  const uses: KeyUse[] = [];
  for (const shard of shards) {
    for (const { key, quota, limits: ofKey } of shard.actors) {
      if (!quota) continue;
      const limits = ofKey.inForce();
      const current = rolled(quota, calendarAt(now, limits.zone));
      const rate = usageTenThousandths(current, limits) / 10_000;
      uses.push({ merchantId: key.merchantId, currency: key.currency, rate });
    }
  }
  return uses.sort((a, b) => b.rate - a.rate).slice(0, count);
}
