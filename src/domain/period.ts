import { Temporal } from "temporal-polyfill";
import type { Brand } from "./brand.ts";
import { instant, type Instant } from "./instant.ts";

/** An IANA time zone that `zoneOf` has accepted. */
export type Zone = Brand<string, "Zone">;

/** The windows over which use is counted, from the shortest to the longest. */
export const windowNames = ["daily", "monthly", "yearly"] as const;
export type WindowName = (typeof windowNames)[number];
export type PerWindow<T> = Readonly<Record<WindowName, T>>;

/**
 * Which period a window counts: `2026-11-22`, `2026-11` or `2026` in the merchant's zone, and after an operator's
 * reset the same with `+1`, `+2` …: a reset begins a new period, as midnight does.
 */
export type Period = Brand<string, "Period">;

/** One calendar period: [startsAt, endsAt), and its end as RFC 3339 with the zone's offset. */
export interface Span {
  readonly period: Period;
  readonly startsAt: Instant;
  readonly endsAt: Instant;
  readonly endsAtText: string;
}

export type Calendar = PerWindow<Span> & { readonly zone: Zone };

/** Builds one value per window. */
export function perWindow<T>(make: (name: WindowName) => T): PerWindow<T> {
  return { daily: make("daily"), monthly: make("monthly"), yearly: make("yearly") };
}

/** @returns undefined when the text names no IANA time zone */
export function zoneOf(text: string): Zone | undefined {
  if (!/^[A-Za-z][A-Za-z0-9_+/-]{0,63}$/.test(text)) return undefined;
  try {
    return Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(text).timeZoneId as Zone;
  } catch {
    return undefined;
  }
}

/** The calendar of each zone as last asked for: the same answer until its day ends, and computing it costs 100 µs. */
const lastCalendars = new Map<Zone, Calendar>();

/**
 * The day, month and year that run at an instant in a zone.
 *
 * A day begins at the first instant that bears its date (RFC 5545 and Temporal's `startOfDay`), so a day in which
 * summer time begins at midnight starts at 01:00 and days last 23 to 25 hours.
 */
export function calendarAt(now: Instant, zone: Zone): Calendar {
  const last = lastCalendars.get(zone);
  if (last && last.daily.startsAt <= now && now < last.daily.endsAt) return last;
  const calendar = computeCalendar(now, zone, last);
  lastCalendars.set(zone, calendar);
  return calendar;
}

/** RFC 3339 with the zone's offset, to the millisecond where there are any. */
export function zonedText(at: Instant, zone: Zone): string {
  return Temporal.Instant.fromEpochMilliseconds(at).toString({ timeZone: zone });
}

/** A period as it was stored; the store holds none that this file did not make. */
export function periodOf(text: string): Period {
  return text as Period;
}

/** The calendar period without the mark of a reset: what a later calendar period is compared with. */
export function calendarPeriod(period: Period): string {
  const mark = period.indexOf("+");
  return mark < 0 ? period : period.slice(0, mark);
}

/** The period that a reset begins inside a running one. */
export function periodAfterReset(period: Period): Period {
  const mark = period.indexOf("+");
  const resets = mark < 0 ? 0 : Number(period.slice(mark + 1));
  return `${calendarPeriod(period)}+${resets + 1}` as Period;
}

/** The span of a period in a zone; the mark of a reset moves neither end. */
export function spanOf(period: Period, zone: Zone): Span {
  const [year = 1970, month, day] = calendarPeriod(period).split("-").map(Number);
  const from = new Temporal.PlainDate(year, month ?? 1, day ?? 1);
  const to = from.add(day ? { days: 1 } : month ? { months: 1 } : { years: 1 });
  const endsAt = startOf(to, zone);
  return { period, startsAt: startOf(from, zone), endsAt, endsAtText: zonedText(endsAt, zone) };
}

/** @param last of the zone: most often its month and year run on */
function computeCalendar(now: Instant, zone: Zone, last?: Calendar): Calendar {
  const date = Temporal.Instant.fromEpochMilliseconds(now).toZonedDateTimeISO(zone).toPlainDate();
  const bearing = calendarOn(date, zone, last);
  // Where a clock went back over midnight (St. John's until 2011), the evening that comes again is part of the new day.
  return bearing.daily.endsAt > now ? bearing : calendarOn(date.add({ days: 1 }), zone, last);
}

function calendarOn(date: Temporal.PlainDate, zone: Zone, last?: Calendar): Calendar {
  const day = date.toString();
  const span = (name: "monthly" | "yearly", text: string): Span =>
    last?.[name].period === text ? last[name] : spanOf(text as Period, zone);
  return {
    zone,
    daily: spanOf(day as Period, zone),
    monthly: span("monthly", day.slice(0, -3)),
    yearly: span("yearly", day.slice(0, -6)),
  };
}

function startOf(date: Temporal.PlainDate, zone: Zone): Instant {
  return instant(date.toZonedDateTime({ timeZone: zone }).epochMilliseconds);
}
