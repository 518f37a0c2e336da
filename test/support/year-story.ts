import type { Command } from "../../src/domain/command.ts";
import type { Key } from "../../src/domain/ids.ts";
import { type Instant, instant } from "../../src/domain/instant.ts";
import type { Limits } from "../../src/domain/limits.ts";
import { calendarAt } from "../../src/domain/period.ts";
import {
  adjust,
  at,
  cancel,
  confirm,
  consume,
  key,
  limits,
  release,
  reserve,
  reset,
  settle,
} from "./quota-builders.ts";

/** Summer time both ways and in both halves of the year, at midnight, by half an hour, none; +14 and −11 hours. */
export const yearZones = [
  "UTC",
  "America/New_York",
  "Europe/Berlin",
  "Africa/Cairo",
  "Asia/Beirut",
  "America/Havana",
  "Asia/Kolkata",
  "Asia/Shanghai",
  "Australia/Lord_Howe",
  "Pacific/Kiritimati",
  "Pacific/Pago_Pago",
  "America/Sao_Paulo",
];

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const begins = at("2025-01-01T12:00:00Z");
const ends = at("2026-01-02T12:00:00Z");
/** Midnights of a zone that are like any other. */
const ordinaryNights = 5;
const commandsOfNight = 4;
/** Longer than the story: a hold ends only when somebody ends it. */
const ttlMs = 800 * dayMs;

export interface Step {
  readonly when: Instant;
  readonly command: Command;
}

/** One merchant of a zone in the year. */
export interface YearMerchant {
  readonly key: Key;
  readonly limits: Limits;
  readonly steps: readonly Step[];
  /** The nights around which something happens. */
  readonly midnights: readonly Instant[];
}

type Random = (below: number) => number;

/** A year in each zone: something happens around month ends, changes of summer time and some other midnights. */
export function yearStory(random: Random): readonly YearMerchant[] {
  return yearZones.map((name, n) => {
    const owner = key(`M-${n}`);
    const inForce = limits({ daily: 150n, monthly: 900n, yearly: 2_500n, zone: name });
    const midnights = nightsOf(inForce, random);
    const orders: string[] = [];
    const steps = midnights.flatMap((midnight, night) =>
      Array.from({ length: commandsOfNight }, (_, turn) => {
        orders.push(`A-${night}-${turn}`);
        const command = commandOn(orders, random);
        return { when: instant(midnight + offset(random)), command: { ...command, key: owner } };
      }),
    );
    return { key: owner, limits: inForce, midnights, steps: steps.sort((a, b) => a.when - b.when) };
  });
}

function nightsOf({ zone }: Limits, random: Random): readonly Instant[] {
  const nights: Instant[] = [];
  const ordinary: Instant[] = [];
  for (let now = begins; now < ends;) {
    const { daily, monthly } = calendarAt(now, zone);
    const isLong = daily.endsAt - daily.startsAt !== dayMs;
    if (monthly.endsAt === daily.endsAt) nights.push(daily.endsAt);
    else if (isLong) nights.push(daily.startsAt, daily.endsAt);
    else ordinary.push(daily.endsAt);
    now = daily.endsAt;
  }
  for (let n = 0; n < ordinaryNights; n += 1) {
    nights.push(...ordinary.splice(random(ordinary.length), 1));
  }
  return nights.sort((a, b) => a - b);
}

function offset(random: Random): number {
  const offsets = [
    -1,
    0,
    1,
    -random(hourMs),
    random(hourMs),
    -random(12 * hourMs),
    random(30 * hourMs),
  ];
  return offsets[random(offsets.length)] ?? 0;
}

/** Mostly on one of the last orders, which is of today or of last month. */
function commandOn(orders: readonly string[], random: Random): Command {
  const order = orders[orders.length - 1 - random(Math.min(orders.length, 6))] ?? "A";
  const amount = BigInt(1 + random(60));
  switch (random(14)) {
    case 0:
    case 1:
      return reserve(order, amount, ttlMs);
    case 2:
      return confirm(order);
    case 3:
      return cancel(order);
    case 4:
    case 5:
      return release(order);
    case 6:
      return release(order, 1n, `R-${random(9)}`);
    case 7:
      return settle(order);
    case 8:
      return adjust({ daily: 5n, monthly: 5n, yearly: 5n }, `adj-${random(9)}`);
    case 9:
      return random(4) === 0 ? reset("daily") : consume(order, amount);
    default:
      return consume(order, amount);
  }
}
