import type { Random } from "../random.ts";
import { type DemoEvent, dayMs } from "./day.ts";
import type { DemoKey } from "./merchant.ts";

/** What the stand-in of the policy service says of a key, in the platform's words. */
export interface DemoPolicy {
  readonly merchant_id: string;
  readonly currency: string;
  readonly timezone: string;
  readonly version: string;
  readonly single_trans_min: number;
  readonly single_max: number;
  readonly daily_limit: number;
  readonly monthly_limit: number | null;
  readonly yearly_limit: number | null;
  readonly max_pending_amount: number;
  readonly max_refund_daily: number;
  readonly max_transactions_daily: number | null;
}

const singleMaxTimes = 25;
const daysOfMonth = 30;
const daysOfYear = 365;

/**
 * Limits that suit what happened: some are nearly used up today or this month, most have room.
 * @param events of the key alone
 */
export function policyOf(
  random: Random,
  key: DemoKey,
  events: readonly DemoEvent[],
  untilMs: number,
): DemoPolicy {
  const { merchantId, currency, zone, ticket, ordersADay, temper } = key;
  const usual = ticket * ordersADay * 1.1;
  const today = usedToday(key, events, untilMs);
  const between = (least: number, most: number): number => least + (most - least) * random();
  const roomy = usual * between(1.5, 3);
  const daily =
    temper === "over" && today > 0
      ? today * between(0.75, 0.95)
      : temper === "near" && today > 0
        ? today * between(1.02, 1.2)
        : Math.max(roomy, today * 1.5);
  const monthly =
    usual * daysOfMonth * (temper === "nearMonth" ? between(0.95, 1.05) : between(1.4, 2.2));
  return {
    merchant_id: merchantId,
    currency,
    timezone: zone,
    version: "2026-11-01",
    single_trans_min: Math.max(1, Math.round(ticket / 50)),
    single_max: round(ticket * singleMaxTimes),
    daily_limit: round(Math.max(daily, ticket)),
    monthly_limit: random() < 0.06 ? null : round(Math.max(monthly, daily)),
    yearly_limit:
      random() < 0.3 ? null : round(Math.max(usual * daysOfYear * between(1.2, 2.2), monthly)),
    max_pending_amount: round(Math.max(roomy, today) * 6),
    max_refund_daily: round(usual),
    max_transactions_daily: random() < 0.2 ? Math.ceil(ordersADay / 10) * 30 : null,
  };
}

/** What was counted before the demo's day: so much for each of the days of the month, and before it. */
export function carriedOver(
  random: Random,
  { merchantId, currency, ticket, ordersADay, zoneOffsetMs }: DemoKey,
  fromMs: number,
): DemoEvent[] {
  const local = new Date(fromMs + zoneOffsetMs);
  const daysBefore = local.getUTCDate() - 1;
  const yearBegan = Date.UTC(local.getUTCFullYear(), 0, 1);
  const key = { merchant_id: merchantId, currency };
  const usual = ticket * ordersADay;
  const events: DemoEvent[] = [];
  const carry = (daysAgo: number, what: string, adjustment: Record<string, number>): void => {
    const reason = `carried over from the books: ${what}`;
    const adjustment_no = `OPENING-${daysAgo}`;
    const operation = { op: "adjust", ...key, ...adjustment, reason, adjustment_no };
    events.push({ atMs: fromMs - daysAgo * dayMs, operation, follows: null });
  };
  const earlier = Math.floor((local.getTime() - yearBegan) / dayMs) - daysBefore;
  if (earlier > 0) {
    const total = Math.round(usual * earlier * (0.6 + 0.3 * random()));
    carry(daysBefore, "the months before", { yearly_adjust: total });
  }
  for (let daysAgo = daysBefore - 1; daysAgo > 0; daysAgo -= 1) {
    const total = Math.round(usual * (0.7 + 0.5 * random()));
    carry(daysAgo, "a day's total", { monthly_adjust: total, yearly_adjust: total });
  }
  return events;
}

/** What is asked for in the key's present day: nearly what is used of it. */
function usedToday(key: DemoKey, events: readonly DemoEvent[], untilMs: number): number {
  const dayOf = (atMs: number): number => Math.floor((atMs + key.zoneOffsetMs) / dayMs);
  let sum = 0;
  for (const { atMs, operation } of events) {
    const { op, amount } = operation;
    if ((op === "consume" || op === "reserve") && dayOf(atMs) === dayOf(untilMs)) {
      const isUsual = Number(amount) < key.ticket * singleMaxTimes;
      if (isUsual) sum += Number(amount);
    }
  }
  return sum;
}

/** To two figures, as limits are agreed. */
function round(value: number): number {
  const step = 10 ** Math.max(0, Math.floor(Math.log10(Math.max(value, 1))) - 1);
  return Math.ceil(value / step) * step;
}
