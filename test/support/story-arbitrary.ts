import fc from "fast-check";
import type { Command } from "../../src/domain/command.ts";
import { instant, type Instant } from "../../src/domain/instant.ts";
import { type Calendar, type WindowName, windowNames } from "../../src/domain/period.ts";
import {
  adjust,
  at,
  cancel,
  confirm,
  consume,
  limits,
  release,
  reserve,
  reset,
  resume,
  settle,
  suspend,
} from "./quota-builders.ts";

/** How time passes: by a while, or to just before, at or after the end of a running period. */
export type Passing =
  | { readonly kind: "while"; readonly ms: number }
  | { readonly kind: "to the end"; readonly of: WindowName; readonly offsetMs: number };

/** One step of a story: time passes, limits may change, a command is asked. */
export interface Step {
  readonly passing: Passing;
  readonly limits: ReturnType<typeof limits> | null;
  readonly command: Command;
}

export interface Story {
  readonly from: Instant;
  readonly limits: ReturnType<typeof limits>;
  readonly steps: readonly Step[];
}

/** Zones whose days are odd: summer time at midnight, half hours, skipped days, far east and far west. */
const zones = [
  "UTC",
  "Europe/Berlin",
  "Europe/London",
  "America/New_York",
  "America/St_Johns",
  "America/Havana",
  "America/Asuncion",
  "America/Santiago",
  "America/Sao_Paulo",
  "America/Nuuk",
  "Atlantic/Azores",
  "Africa/Cairo",
  "Africa/Casablanca",
  "Asia/Beirut",
  "Asia/Tehran",
  "Asia/Gaza",
  "Asia/Kolkata",
  "Asia/Kathmandu",
  "Asia/Pyongyang",
  "Australia/Lord_Howe",
  "Pacific/Apia",
  "Pacific/Auckland",
  "Pacific/Chatham",
  "Pacific/Kiritimati",
  "Pacific/Pago_Pago",
  "Antarctica/Troll",
];

/** Eves of something: leap days, year ends, skipped days, changes of summer time. */
const eves = [
  "2024-02-28T20:00:00Z",
  "2023-02-28T20:00:00Z",
  "2026-12-31T08:00:00Z",
  "2027-01-31T09:00:00Z",
  "2011-12-29T20:00:00Z",
  "2026-03-28T12:00:00Z",
  "2026-10-24T12:00:00Z",
  "2026-03-07T12:00:00Z",
  "2026-10-31T12:00:00Z",
  "2026-04-04T10:00:00Z",
  "2026-10-03T10:00:00Z",
  "2023-04-27T12:00:00Z",
  "2018-11-03T12:00:00Z",
  "2016-08-14T12:00:00Z",
  "2026-07-15T12:00:00Z",
].map(at);

const hour = 3_600_000;
const whiles = [0, 1, 999, 30_000, 60_000, hour / 2, hour, 7 * hour, 23 * hour, 24 * hour]
  .concat([25 * hour, 47 * hour, 20 * 24 * hour, 31 * 24 * hour, 366 * 24 * hour])
  .map((ms): Passing => ({ kind: "while", ms }));

const passing: fc.Arbitrary<Passing> = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...whiles.slice(0, 6)) },
  { weight: 2, arbitrary: fc.constantFrom(...whiles) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("to the end" as const),
      of: fc.constantFrom("daily" as const, "daily" as const, ...windowNames),
      offsetMs: fc.constantFrom(-1, 0, 1, hour / 2),
    }),
  },
);

const amount = fc.bigInt({ min: 1n, max: 40n });
const orderNo = fc.constantFrom("A", "B", "C", "D", "E", "F");
const part = fc.option(fc.bigInt({ min: 1n, max: 30n }), { nil: undefined });
const refundNo = fc.constantFrom(null, null, "R-1", "R-2", "A");
const change = fc.bigInt({ min: -50n, max: 30n });
const adjustmentNo = fc.constantFrom(null, "K-1", "K-2");

const command: fc.Arbitrary<Command> = fc.oneof(
  { weight: 6, arbitrary: fc.tuple(orderNo, amount).map((of) => consume(...of)) },
  {
    weight: 5,
    arbitrary: fc
      .tuple(orderNo, amount, fc.constantFrom(1, 60_000, hour, 30 * hour))
      .map((of) => reserve(...of)),
  },
  { weight: 4, arbitrary: fc.tuple(orderNo, part).map((of) => confirm(...of)) },
  { weight: 2, arbitrary: orderNo.map(cancel) },
  { weight: 6, arbitrary: fc.tuple(orderNo, part, refundNo).map((of) => release(...of)) },
  { weight: 1, arbitrary: orderNo.map(settle) },
  {
    weight: 2,
    arbitrary: fc
      .tuple(fc.record({ daily: change, monthly: change, yearly: change }), adjustmentNo)
      .map((of) => adjust(...of)),
  },
  { weight: 1, arbitrary: fc.constantFrom(...windowNames).map(reset) },
  { weight: 1, arbitrary: fc.constantFrom(suspend(), resume(), resume()) },
);

function upTo(max: bigint) {
  return fc.option(fc.bigInt({ min: 0n, max }), { nil: undefined });
}

const inForce = fc
  .record({
    zone: fc.constantFrom(...zones),
    min: fc.constantFrom(undefined, undefined, 3n),
    max: fc.constantFrom(undefined, undefined, 35n),
    daily: upTo(150n),
    monthly: upTo(250n),
    yearly: upTo(400n),
    countDaily: fc.constantFrom(undefined, undefined, 0, 3, 4),
    countMonthly: fc.constantFrom(undefined, undefined, 5),
    pending: fc.constantFrom(undefined, undefined, 60n, 120n),
    refundDaily: fc.constantFrom(undefined, undefined, 25n, 50n),
    refundMonthly: fc.constantFrom(undefined, undefined, 60n),
  })
  .map(({ min, max, countDaily, countMonthly, refundDaily, refundMonthly, ...wanted }) =>
    limits({
      ...wanted,
      single: { min, max },
      counts: { daily: countDaily, monthly: countMonthly },
      refunds: { daily: refundDaily, monthly: refundMonthly },
    }),
  );

/** Random stories about one merchant. */
export const story: fc.Arbitrary<Story> = fc.record({
  from: fc.tuple(fc.constantFrom(...eves), fc.nat(30 * hour)).map(([eve, ms]) => instant(eve + ms)),
  limits: inForce,
  steps: fc.array(
    fc.record({ passing, limits: fc.option(inForce, { nil: null, freq: 15 }), command }),
    { minLength: 1, maxLength: 40, size: "max" },
  ),
});

/** When a step happens: never before now. */
export function after(
  now: Instant,
  { daily, monthly, yearly }: Calendar,
  passed: Passing,
): Instant {
  if (passed.kind === "while") return instant(now + passed.ms);
  const { endsAt } = { daily, monthly, yearly }[passed.of];
  return instant(Math.max(now, endsAt + passed.offsetMs));
}
