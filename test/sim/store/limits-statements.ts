import { forgetLimits, limitsByKey, rememberLimits } from "../../../shards/limits/sql.ts";
import type { Statements } from "./statement.ts";
import type { LimitsRow } from "./tables.ts";

/** The statements of `shards/limits/sql.ts`. */
export const limitsStatements: Statements = {
  [rememberLimits.name]: async (given, { limits }, transaction) => {
    const texts = given.texts(3);
    const times = given.texts(5).map((text) => Date.parse(text));
    for (const [n, key] of given.texts(1).entries()) {
      const fetchedAtMs = times[n] ?? 0;
      const before = await transaction.lock(limits, key, "update");
      if (before && before.fetchedAtMs >= fetchedAtMs) continue;
      await transaction.write(limits, key, { limits: texts[n] ?? "", fetchedAtMs });
    }
    return [];
  },
  [forgetLimits.name]: async (given, { limits }, transaction) => {
    const times = given.texts(2).map((text) => Date.parse(text));
    for (const [n, key] of given.texts(1).entries()) {
      const isGone = (row: LimitsRow | null): boolean =>
        row !== null && row.fetchedAtMs < (times[n] ?? 0);
      if (!isGone(limits.find(key, transaction))) continue;
      if (isGone(await transaction.lock(limits, key, "update"))) {
        await transaction.write(limits, key, null);
      }
    }
    return [];
  },
  [limitsByKey.name]: (given, { limits }, transaction) =>
    given.texts(1).flatMap((key) => {
      const row = limits.find(key, transaction);
      if (!row) return [];
      return [{ quota_key: key, limits: row.limits, fetched_at: new Date(row.fetchedAtMs) }];
    }),
};
