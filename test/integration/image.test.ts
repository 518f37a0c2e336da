import fc from "fast-check";

import type { Entry } from "../../shards/entry.ts";
import { Batch } from "../../shards/store/batch.ts";
import { commitBatch, writeCheckpoint } from "../../shards/store/sql.ts";
import { orderFrom, quotaFrom } from "../../shards/store/stored.ts";
import type { Fact } from "../../src/domain/fact.ts";
import { instant } from "../../src/domain/instant.ts";
import { minor, totalMax } from "../../src/domain/money.ts";
import type { Effect, Order } from "../../src/domain/order.ts";
import { calendarAt, perWindow, periodOf } from "../../src/domain/period.ts";
import type { Quota } from "../../src/domain/quota.ts";
import { adjust, key, limits, midday } from "../support/quota-builders.ts";
import { rowsOf, sql, storeContract } from "../support/store-contract.ts";

const { contract } = storeContract();
const calendar = calendarAt(midday, limits().zone);
const rowsInOne = 40;

/** What Postgres keeps of a text: NUL and half characters it takes from nobody. */
function kept(text: string): string {
  return text.toWellFormed().replaceAll("\0", "\uFFFD");
}

const oddText = fc.oneof(
  fc.string({ maxLength: 500, unit: "binary" }),
  fc.constantFrom(
    "\0",
    "\ud800",
    "a\"b\\c'd",
    "\\u0000",
    "{1,2}",
    "商户 🙂",
    "\u2028\n\r\t",
    " ",
    "  between  and around  ",
    "x".repeat(500),
  ),
);
const reference = fc.stringMatching(/^[!-~]{1,64}$/);
const amount = fc.oneof(fc.bigInt(0n, totalMax), fc.constantFrom(0n, totalMax)).map(minor);
const moment = fc.integer({ min: 0, max: 4_102_444_800_000 }).map(instant);
const count = fc.integer({ min: 0, max: 2 ** 31 - 1 });
const periods = fc.constantFrom(
  perWindow((name) => calendar[name].period),
  { daily: periodOf("2026-11-22+3"), monthly: periodOf("2026-11+1"), yearly: periodOf("2026+12") },
);

const aWindow = fc.record({
  used: amount,
  held: amount,
  count,
  refunded: amount,
  alerted: fc.constantFrom(0, 80, 100, 1_000),
});

const aQuota: fc.Arbitrary<Quota> = fc
  .record({
    windows: fc.record({ daily: aWindow, monthly: aWindow, yearly: aWindow }),
    periods,
    pending: amount,
    reserved: amount,
    suspension: fc.option(fc.record({ at: moment, reason: oddText, by: oddText })),
    lastOrderNo: fc.option(reference),
    lastPaymentNo: fc.option(reference),
    lastUpdatedBy: fc.option(oddText),
    version: fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
    createdAt: moment,
    updatedAt: moment,
  })
  .map(({ periods: running, windows, ...rest }) => ({
    ...rest,
    key: key(),
    windows: perWindow((name) => ({ ...windows[name], period: running[name] })),
  }));

const anEffect: fc.Arbitrary<Effect> = fc.record({
  action: fc.constantFrom("consume", "release", "settle", "adjust"),
  ref: fc.option(reference),
  amount,
  whole: fc.boolean(),
  receipt: fc.record({
    logId: fc.uuid(),
    version: count,
    used: fc.record({ daily: amount, monthly: amount, yearly: amount }),
    pending: amount,
    reserved: amount,
    transactionsToday: count,
    remaining: fc.record({
      daily: fc.option(amount),
      monthly: fc.option(amount),
      yearly: fc.option(amount),
    }),
    limitsSource: fc.constantFrom("policy", "last_known", "default"),
    policyVersion: fc.option(reference),
  }),
});

const anOrder: fc.Arbitrary<Order> = fc.record({
  ref: fc.oneof(
    reference,
    reference.map((text) => `adjust ${text}`),
  ),
  amount: fc.constant(minor(totalMax)),
  charged: periods,
  released: amount,
  settled: amount,
  hold: fc.option(
    fc.record({
      state: fc.constantFrom("open", "confirmed", "cancelled", "expired"),
      amount,
      expiresAt: moment,
    }),
  ),
  effects: fc.array(anEffect, { maxLength: 4 }),
});

const metadata = fc.option(
  fc.dictionary(
    oddText.filter((name) => kept(name) === name && name !== "__proto__"),
    fc.oneof(oddText, fc.integer(), fc.boolean()),
    { maxKeys: 4 },
  ),
);

const aChange = fc.record({
  quota: aQuota,
  order: anOrder,
  remarks: fc.option(oddText),
  metadata,
  logId: fc.uuid(),
});

const contents = fc.array(aChange, { minLength: rowsInOne, maxLength: rowsInOne });

contract("whatever the owners hold comes back from the tables as it was", async (t, database) => {
  const [row] = await rowsOf(
    database,
    "insert into writers (node) values ('n') returning writer_id",
  );
  const writerId = row?.["writer_id"];
  await rowsOf(database, "insert into checkpoints (writer_id, seq) values ($1, 0)", [writerId]);
  let seq = 0;

  await fc.assert(
    fc.asyncProperty(contents, async (changes) => {
      await rowsOf(database, "truncate merchant_quotas, quota_orders, quota_usage_logs");
      seq += 1;
      const batch = new Batch(seq);
      const made = changes.map((change, n) => ({
        ...change,
        quota: { ...change.quota, key: key(`M-${n}`) },
      }));
      for (const each of made) batch.add(entryOf(each));
      await database.reads.run(commitBatch, [writerId, seq, ...batch.columns()]);
      await database.reads.run(writeCheckpoint, [writerId, seq]);

      for (const { quota, order, remarks, metadata: noted, logId } of made) {
        const [quotaRow] = await database.reads.run(
          sql("select * from merchant_quotas where quota_key = $1"),
          [quota.key.text],
        );
        const [orderRow] = await database.reads.run(
          sql("select * from quota_orders where order_key = $1"),
          [`${quota.key.text} ${order.ref}`],
        );
        const [log] = await database.reads.run(
          sql(
            "select remarks, metadata, yearly_used_after from quota_usage_logs where id = $1::uuid",
          ),
          [logId],
        );
        const { suspension, lastUpdatedBy } = quota;
        const wanted: Quota = {
          ...quota,
          lastUpdatedBy: lastUpdatedBy === null ? null : kept(lastUpdatedBy),
          suspension: suspension && {
            ...suspension,
            reason: kept(suspension.reason),
            by: kept(suspension.by),
          },
        };
        t.deepEqual(quotaRow && quotaFrom(quotaRow, quota.key), wanted);
        t.deepEqual(orderRow && orderFrom(orderRow), order);
        t.deepEqual(log, {
          remarks: remarks === null ? null : kept(remarks),
          metadata:
            noted &&
            Object.fromEntries(
              Object.entries(noted).map(([name, value]) => [
                name,
                typeof value === "string" ? kept(value) : value,
              ]),
            ),
          yearly_used_after: quota.windows.yearly.used,
        });
      }
    }),
    { numRuns: 12 },
  );
});

function entryOf(change: {
  readonly quota: Quota;
  readonly order: Order;
  readonly remarks: string | null;
  readonly metadata: Readonly<Record<string, string | number | boolean>> | null;
  readonly logId: string;
}): Entry {
  const { quota, order, remarks, metadata: noted, logId } = change;
  const command = { ...adjust({}), key: quota.key, remarks, metadata: noted };
  const fact: Fact = {
    action: "adjust",
    at: midday,
    periods: order.charged,
    amount: minor(0n),
    change: {
      used: perWindow(() => 0n),
      held: perWindow(() => 0n),
      count: perWindow(() => 0),
      refunded: 0n,
      pending: 0n,
      reserved: 0n,
    },
    order: null,
    orderNo: null,
    paymentNo: null,
    operatorId: "ann",
    suspension: undefined,
    alerts: [],
  };
  return {
    logId,
    shard: 3,
    command,
    at: midday,
    limits: limits({ daily: totalMax }),
    calendar,
    before: quota,
    result: { kind: "accepted", fact, after: quota, order, alerts: [] },
  };
}
