import fc from "fast-check";

import type { Command, Question } from "../../src/domain/command.ts";
import { currenciesWith, currencyOf } from "../../src/domain/currency.ts";
import { type Key, keyOf, merchantIdOf, orderNoOf } from "../../src/domain/ids.ts";
import { instant } from "../../src/domain/instant.ts";
import type { Limits } from "../../src/domain/limits.ts";
import { minor } from "../../src/domain/money.ts";
import type { Order, Receipt } from "../../src/domain/order.ts";
import type { Outcome, Standing } from "../../src/domain/outcome.ts";
import { calendarAt, perWindow } from "../../src/domain/period.ts";
import { emptyQuota, type Quota } from "../../src/domain/quota.ts";
import { type Refusal, refusalOf } from "../../src/domain/refusal.ts";
import type { Message } from "../../src/wire/message.ts";
import { existing, zone } from "./quota-builders.ts";

/*
 * Any message and any outcome, with the values that a text could spoil: the largest totals, text that looks like a
 * marked number, names of an object's own machinery.
 */

const text = fc.oneof(
  fc.string({ unit: "binary", maxLength: 20 }),
  fc.constantFrom("", "~", "~1", "~~", "\u0000", "__proto__", "1n", '"', "\u2028"),
);
const textOrNull = fc.option(text);
/** What a command may hold: Postgres has to take it. */
const storable = text.filter((given) => /^[^\0\ud800-\udfff]*$/u.test(given));
const storableOrNull = fc.option(storable);
const asked = fc.bigInt({ min: 1n, max: BigInt(Number.MAX_SAFE_INTEGER) }).map(minor);
const askedOrNull = fc.option(asked);
const amount = fc.oneof(
  fc.bigInt({ min: 0n, max: 2n ** 63n - 1n }).map(minor),
  fc.constantFrom(0n, 2n ** 53n, 2n ** 63n - 1n).map(minor),
);
const amountOrNull = fc.option(amount);
const signed = fc.bigInt({ min: -(2n ** 53n) + 1n, max: 2n ** 53n - 1n });
const count = fc.nat();
const moment = fc.integer({ min: 0, max: 4_102_444_800_000 }).map(instant);
const windows = <T>(of: fc.Arbitrary<T>) => fc.record({ daily: of, monthly: of, yearly: of });
const source = fc.constantFrom("policy" as const, "last_known" as const, "default" as const);
const kindOf = <Kind extends string>(kind: Kind) => fc.constant(kind);

const key: fc.Arbitrary<Key> = fc
  .tuple(
    fc.stringMatching(/^[A-Za-z0-9_-]{1,64}$/),
    fc.constantFrom("USD", "JPY", "EUR").map((code) => currencyOf(currenciesWith(new Map()), code)),
  )
  .map(([merchant, currency]) => keyOf(existing(merchantIdOf(merchant)), existing(currency)));
const orderNo = fc.stringMatching(/^[!-~]{1,64}$/).map((number) => existing(orderNoOf(number)));

const trail = {
  key,
  operator: fc.record({
    id: storable,
    type: fc.constantFrom("system" as const, "admin" as const, "api" as const),
  }),
  traceId: storableOrNull,
  paymentNo: storableOrNull,
  remarks: storableOrNull,
  metadata: fc.option(
    fc.dictionary(storable, fc.oneof(storable, fc.integer(), fc.boolean()), {
      noNullPrototype: true,
    }),
  ),
};
const order = { ...trail, orderNo };

/** Every kind of command and question. */
export const anyRequest: fc.Arbitrary<Command | Question> = fc.oneof(
  fc.record({ kind: kindOf("consume"), ...order, amount: asked }),
  fc.record({ kind: kindOf("reserve"), ...order, amount: asked, ttlMs: fc.integer({ min: 1 }) }),
  fc.record({ kind: kindOf("confirm"), ...order, amount: askedOrNull }),
  fc.record({ kind: kindOf("cancel"), ...order }),
  fc.record({ kind: kindOf("expire"), ...order }),
  fc.record({ kind: kindOf("release"), ...order, refundNo: storableOrNull, amount: askedOrNull }),
  fc.record({ kind: kindOf("settle"), ...order }),
  fc.record({
    kind: kindOf("adjust"),
    ...trail,
    changes: windows(signed),
    adjustmentNo: storableOrNull,
  }),
  fc.record({
    kind: kindOf("reset"),
    ...trail,
    window: fc.constantFrom("daily" as const, "monthly" as const, "yearly" as const),
  }),
  fc.record({ kind: kindOf("suspend"), ...trail, reason: storable }),
  fc.record({ kind: kindOf("resume"), ...trail }),
  fc.record({ kind: kindOf("check"), key, amount: asked }),
  fc.record({ kind: kindOf("get"), key }),
  fc.record({ kind: kindOf("refresh"), key }),
);

export const anyMessage: fc.Arbitrary<Message> = fc
  .record({ request: anyRequest, deadline: moment, trace: fc.option(storable, { nil: undefined }) })
  .map(({ trace, ...message }) => (trace === undefined ? message : { ...message, trace }));

const receipt: fc.Arbitrary<Receipt> = fc.record({
  logId: text,
  version: count,
  used: windows(amount),
  pending: amount,
  reserved: amount,
  transactionsToday: count,
  remaining: windows(amountOrNull),
  limitsSource: source,
  policyVersion: textOrNull,
});

const limits: fc.Arbitrary<Limits> = fc.record({
  singleMin: amountOrNull,
  singleMax: amountOrNull,
  windows: windows(amountOrNull),
  counts: fc.record({ daily: fc.option(count), monthly: fc.option(count) }),
  maxPending: amountOrNull,
  refunds: fc.record({ daily: amountOrNull, monthly: amountOrNull }),
  zone: fc.constantFrom("UTC", "Asia/Kathmandu", "America/St_Johns").map(zone),
  source,
  policyVersion: textOrNull,
});

const standing: fc.Arbitrary<Standing> = fc
  .record({
    key,
    limits,
    at: moment,
    used: windows(amount),
    held: windows(amount),
    suspension: fc.option(fc.record({ at: moment, reason: text, by: text })),
    lastOrderNo: textOrNull,
    version: count,
  })
  .map(({ key: of, limits: inForce, at, used, held, ...rest }) => {
    const calendar = calendarAt(at, inForce.zone);
    const empty = emptyQuota(of, calendar, at);
    const filled = perWindow((name) => ({
      ...empty.windows[name],
      used: used[name],
      held: held[name],
    }));
    const quota: Quota = { ...empty, ...rest, windows: filled };
    return { quota, limits: inForce, calendar, at };
  });

const refusal: fc.Arbitrary<Refusal> = fc
  .record({ message: text, limit: fc.option(amount), used: fc.option(amount), fitsAt: moment })
  .map(({ message, ...numbers }) => refusalOf("DAILY_LIMIT_EXCEEDED", message, numbers));

const anyOrder: fc.Arbitrary<Order> = fc.record({
  ref: text,
  amount,
  charged: fc.constant(perWindow((name) => calendarAt(instant(0), zone("UTC"))[name].period)),
  released: amount,
  settled: amount,
  hold: fc.option(
    fc.record({
      state: fc.constantFrom("open" as const, "confirmed" as const, "expired" as const),
      amount,
      expiresAt: moment,
    }),
  ),
  effects: fc.array(
    fc.record({
      action: fc.constantFrom("consume" as const, "release" as const),
      ref: textOrNull,
      amount,
      whole: fc.boolean(),
      receipt,
    }),
    { maxLength: 3 },
  ),
});

/** Every kind of outcome. */
export const anyOutcome: fc.Arbitrary<Outcome> = fc.oneof(
  fc.record({
    kind: kindOf("accepted"),
    duplicate: fc.boolean(),
    receipt,
    order: fc.option(anyOrder),
  }),
  fc.record({ kind: kindOf("refused"), refusal, standing }),
  fc.record({ kind: kindOf("checked"), refusal: fc.option(refusal), standing }),
  fc.record({ kind: kindOf("stands"), standing }),
);
