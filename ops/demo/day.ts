import { type Random, upTo } from "../random.ts";
import type { DemoKey } from "./merchant.ts";

/** Something that a gateway or an operator sends, at a time. */
export interface DemoEvent {
  readonly atMs: number;
  readonly operation: Readonly<Record<string, unknown>> & { readonly op: string };
  /** The order that it follows: it is not sent when that order was refused. */
  readonly follows: string | null;
}

export const dayMs = 86_400_000;
const hourMs = 3_600_000;
const minuteMs = 60_000;
const holdSeconds = 900;

/** Of a hundred orders, about so many… */
const share = { held: 0.12, settled: 0.55, refunded: 0.06, repeated: 0.012, tooLarge: 0.004 };
/** What an order that is a typing error is larger by. */
const tooLargeTimes = 60;

/** All that happens to some keys in the day before a time, in its order. */
export function dayOf(random: Random, keys: readonly DemoKey[], untilMs: number): DemoEvent[] {
  const events = keys.flatMap((key) => {
    const orders = Math.round(key.ordersADay * (0.8 + 0.4 * random()));
    return Array.from({ length: orders }, () => momentOf(random, key, untilMs))
      .sort((a, b) => a - b)
      .flatMap((atMs, n) => orderOf(random, key, `${dateText(key, atMs)}-${n + 1}`, atMs));
  });
  return events.filter(({ atMs }) => atMs < untilMs).sort((a, b) => a.atMs - b.atMs);
}

/** Merchants that operators suspend in the day, one of whom they let go on. */
export function suspensionsOf(keys: readonly DemoKey[], untilMs: number): DemoEvent[] {
  const reasons = ["chargebacks are looked into", "documents have expired", "asked for by risk"];
  const roomy = keys.filter(({ temper }) => temper === "roomy");
  const chosen = roomy.filter((_, n) => n % 4 === 3).slice(0, reasons.length);
  return chosen.flatMap(({ merchantId: merchant_id, currency }, n) => {
    const atMs = untilMs - (7 - 2 * n) * hourMs;
    const key = { merchant_id, currency };
    const suspend = { op: "suspend", ...key, reason: reasons[n] };
    const resume = { op: "resume", ...key, reason: "documents were renewed" };
    return [
      { atMs, operation: suspend, follows: null },
      ...(n === 1 ? [{ atMs: atMs + 2 * hourMs, operation: resume, follows: null }] : []),
    ];
  });
}

/** An order with all that becomes of it. */
export function orderOf(
  random: Random,
  { merchantId, currency, ticket }: DemoKey,
  order_no: string,
  atMs: number,
): DemoEvent[] {
  const key = { merchant_id: merchantId, currency };
  const isTooLarge = random() < share.tooLarge;
  const amount = amountOf(random, ticket) * (isTooLarge ? tooLargeTimes : 1);
  const follows = `${merchantId} ${currency} ${order_no}`;
  const events: DemoEvent[] = [];
  const then = (afterMs: number, operation: DemoEvent["operation"]): void => {
    events.push({ atMs: atMs + afterMs, operation, follows });
  };
  const isHeld = random() < share.held;
  const first = isHeld
    ? { op: "reserve", ...key, order_no, amount, ttl_seconds: holdSeconds }
    : { op: "consume", ...key, order_no, amount };
  events.push({ atMs, operation: first, follows: null });
  if (random() < share.repeated) then(3_000, first);
  let takenMs = 0;
  let isTaken = true;
  if (isHeld) {
    takenMs = upTo(random, 8) * minuteMs;
    const end = random();
    if (end < 0.85) then(takenMs, { op: "confirm", ...key, order_no });
    else if (end < 0.95) then(takenMs, { op: "cancel", ...key, order_no });
    isTaken = end < 0.85;
  }
  if (!isTaken) return events;
  if (random() < share.refunded) {
    const isWhole = random() < 0.4;
    const slice = {
      refund_no: `R-${order_no}`,
      amount: Math.ceil(amount * (0.1 + 0.5 * random())),
    };
    then(takenMs + upTo(random, 300) * minuteMs, {
      op: "release",
      ...key,
      order_no,
      ...(isWhole ? {} : slice),
    });
  }
  if (random() < share.settled) {
    then(takenMs + 2 * hourMs + upTo(random, 240) * minuteMs, { op: "settle", ...key, order_no });
  }
  return events;
}

/** Most orders are a little under the usual one, a few are several times it. */
export function amountOf(random: Random, ticket: number): number {
  const normal = random() + random() + random() - 1.5;
  return Math.max(1, Math.round(ticket * Math.exp(1.1 * normal)));
}

/** Some time of the last day, where it is day there more likely than where it is night. */
function momentOf(random: Random, key: DemoKey, untilMs: number): number {
  for (;;) {
    const atMs = untilMs - Math.floor(random() * dayMs) - 1;
    if (random() < busyness(key, atMs)) return atMs;
  }
}

/** 0 … 1: how busy shops are at a time where they are; at noon and in the evening most. */
export function busyness({ zoneOffsetMs }: DemoKey, atMs: number): number {
  const hour = ((((atMs + zoneOffsetMs) % dayMs) + dayMs) % dayMs) / hourMs;
  const bump = (at: number, width: number): number => Math.exp(-(((hour - at) / width) ** 2));
  return Math.min(1, 0.06 + 0.75 * bump(12.5, 3) + 0.9 * bump(19.5, 2.6));
}

function dateText({ zoneOffsetMs }: DemoKey, atMs: number): string {
  return new Date(atMs + zoneOffsetMs).toISOString().slice(2, 10).replaceAll("-", "");
}
