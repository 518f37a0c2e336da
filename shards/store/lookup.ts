import { type Key, keyOf, type KeyText, merchantIdOf } from "../../src/domain/ids.ts";
import type { Order } from "../../src/domain/order.ts";
import type { Row, Session } from "../../src/platform/database.ts";
import { limitsByKey } from "../limits/sql.ts";
import type { Lookup, StoredKey, StoredLimits } from "../ports.ts";
import { moment, text } from "./row.ts";
import { keysWithDueHolds, openHoldsByKey, ordersByKey, quotasByKey } from "./sql.ts";
import { currencyFrom, orderFrom, quotaFrom } from "./stored.ts";

/** The tables, asked for a whole batch of commands at once: the statements leave together, in one round trip. */
export function tableLookup(session: Session): Lookup {
  return {
    async find(keys, orderKeys) {
      const keyTexts = keys.map((key) => key.text);
      const [orders, quotas, holds, limits] = await Promise.all([
        orderKeys.length > 0 ? session.run(ordersByKey, [orderKeys]) : [],
        keys.length > 0 ? session.run(quotasByKey, [keyTexts]) : [],
        keys.length > 0 ? session.run(openHoldsByKey, [keyTexts]) : [],
        keys.length > 0 ? session.run(limitsByKey, [keyTexts]) : [],
      ]);
      return {
        keys: storedKeys(keys, quotas, holds),
        orders: new Map(orders.map((row) => [text(row, "order_key"), orderFrom(row)])),
        limits: storedLimits(keys, limits),
      };
    },
    async keysWithDueHolds(shards, now) {
      const rows = await session.run(keysWithDueHolds, [[...shards], new Date(now)]);
      return rows.flatMap((row) => {
        const merchantId = merchantIdOf(text(row, "merchant_id"));
        return merchantId ? [keyOf(merchantId, currencyFrom(text(row, "currency")))] : [];
      });
    },
  };
}

function storedLimits(
  keys: readonly Key[],
  rows: readonly Row[],
): ReadonlyMap<KeyText, StoredLimits> {
  const found = new Map(
    rows.map((row) => [
      text(row, "quota_key"),
      { policy: text(row, "limits"), fetchedAt: moment(row, "fetched_at") },
    ]),
  );
  return new Map(
    keys.flatMap((key) => {
      const stored = found.get(key.text);
      return stored ? [[key.text, stored] as const] : [];
    }),
  );
}

function storedKeys(
  keys: readonly Key[],
  quotas: readonly Row[],
  holds: readonly Row[],
): ReadonlyMap<KeyText, StoredKey> {
  const wanted = new Map<string, Key>(keys.map((key) => [key.text, key]));
  const holdsOf = new Map<string, Order[]>();
  for (const row of holds) {
    const quotaKey = text(row, "quota_key");
    const known = holdsOf.get(quotaKey);
    if (known) known.push(orderFrom(row));
    else holdsOf.set(quotaKey, [orderFrom(row)]);
  }
  const found = new Map<KeyText, StoredKey>();
  for (const row of quotas) {
    const key = wanted.get(text(row, "quota_key"));
    if (!key) continue;
    found.set(key.text, { quota: quotaFrom(row, key), holds: holdsOf.get(key.text) ?? [] });
  }
  return found;
}
