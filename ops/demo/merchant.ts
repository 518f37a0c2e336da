import { type Random, upTo } from "../random.ts";

/** A made-up merchant in one currency. */
export interface DemoKey {
  readonly merchantId: string;
  readonly currency: string;
  /** IANA */
  readonly zone: string;
  /** What it adds to UTC now. */
  readonly zoneOffsetMs: number;
  /** A usual order, in minor units. */
  readonly ticket: number;
  readonly ordersADay: number;
  /** How it is with its limits: most have room. */
  readonly temper: "roomy" | "near" | "over" | "nearMonth";
}

/** Where merchants are, in what they are paid, and what a usual order is there, in minor units. */
const places = [
  { zone: "Asia/Shanghai", currency: "CNY", ticket: 23_800, share: 22 },
  { zone: "Asia/Hong_Kong", currency: "HKD", ticket: 31_500, share: 8 },
  { zone: "Asia/Singapore", currency: "SGD", ticket: 5_400, share: 9 },
  { zone: "Asia/Tokyo", currency: "JPY", ticket: 5_200, share: 10 },
  { zone: "Asia/Kolkata", currency: "INR", ticket: 189_000, share: 8 },
  { zone: "Asia/Kuwait", currency: "KWD", ticket: 14_500, share: 3 },
  { zone: "Europe/Zurich", currency: "CHF", ticket: 8_900, share: 6 },
  { zone: "Europe/Berlin", currency: "EUR", ticket: 6_400, share: 12 },
  { zone: "Europe/London", currency: "GBP", ticket: 4_700, share: 7 },
  { zone: "Africa/Nairobi", currency: "KES", ticket: 260_000, share: 3 },
  { zone: "America/Sao_Paulo", currency: "BRL", ticket: 18_900, share: 4 },
  { zone: "America/New_York", currency: "USD", ticket: 6_200, share: 11 },
  { zone: "America/Los_Angeles", currency: "USD", ticket: 7_100, share: 6 },
  { zone: "Australia/Sydney", currency: "AUD", ticket: 8_300, share: 4 },
] as const;
/** A second currency that some are paid in too. */
const seconds = [
  { currency: "USD", ticket: 9_900 },
  { currency: "EUR", ticket: 8_800 },
  { currency: "USDT", ticket: 45_000_000 },
] as const;
/** What of it is outside ISO 4217: `EXTRA_CURRENCIES` of a service that is to take it. */
export const extraCurrencies = "USDT:6";

const firsts =
  "amber birch cedar coral delta ember fjord golden harbor indigo juniper kite lotus maple nimbus opal pepper quartz river saffron".split(
    " ",
  );
const trades =
  "apparel books coffee dental electronics florist games grocer hotels jewelry kitchen media outdoor pharmacy records shoes tea tickets travel toys".split(
    " ",
  );
export const merchantsMax = firsts.length * trades.length;

const largestOrdersADay = 420;
const leastOrdersADay = 9;

/** Keys of so many merchants, the larger ones first; a seed makes the same ones again. */
export function keysOf(random: Random, merchants: number, now: Date): readonly DemoKey[] {
  const names = shuffled(
    random,
    firsts.flatMap((first) => trades.map((trade) => `${first}-${trade}`)),
  );
  return names.slice(0, merchants).flatMap((merchantId, rank) => {
    const place = placeOf(random);
    const zoneOffsetMs = offsetOf(place.zone, now);
    const ordersADay = Math.round(leastOrdersADay + largestOrdersADay / (1 + rank) ** 0.62);
    const base = { merchantId, zone: place.zone, zoneOffsetMs, temper: temperOf(random) };
    const keys: DemoKey[] = [
      { ...base, currency: place.currency, ticket: ticketOf(random, place.ticket), ordersADay },
    ];
    const second = seconds[upTo(random, seconds.length) - 1];
    if (random() < 0.15 && second && second.currency !== place.currency) {
      keys.push({
        ...base,
        temper: "roomy",
        currency: second.currency,
        ticket: ticketOf(random, second.ticket),
        ordersADay: Math.ceil(ordersADay / 5),
      });
    }
    return keys;
  });
}

function temperOf(random: Random): DemoKey["temper"] {
  const at = random();
  if (at < 0.05) return "over";
  if (at < 0.14) return "near";
  return at < 0.18 ? "nearMonth" : "roomy";
}

function placeOf(random: Random): (typeof places)[number] {
  let at = random() * places.reduce((sum, { share }) => sum + share, 0);
  for (const place of places) {
    at -= place.share;
    if (at < 0) return place;
  }
  return places[0];
}

function ticketOf(random: Random, usual: number): number {
  return Math.max(1, Math.round(usual * (0.4 + 1.6 * random())));
}

function shuffled<T>(random: Random, all: readonly T[]): readonly T[] {
  return all
    .map((each) => ({ each, at: random() }))
    .sort((a, b) => a.at - b.at)
    .map(({ each }) => each);
}

function offsetOf(zone: string, now: Date): number {
  const text = new Intl.DateTimeFormat("sv", {
    timeZone: zone,
    dateStyle: "short",
    timeStyle: "medium",
  }).format(now);
  const wholeSeconds = Math.floor(now.getTime() / 1_000) * 1_000;
  return Date.parse(`${text.replace(" ", "T")}Z`) - wholeSeconds;
}
