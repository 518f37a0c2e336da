import { type Currency } from "../../src/domain/currency.ts";
import { type Key } from "../../src/domain/ids.ts";
import type { Hold, Order } from "../../src/domain/order.ts";
import { type Period, periodOf, type PerWindow } from "../../src/domain/period.ts";
import type { Quota, Window } from "../../src/domain/quota.ts";
import { effectFrom } from "./receipt.ts";
import {
  amount,
  flag,
  list,
  moment,
  momentOrNull,
  type Stored,
  text,
  textOrNull,
  whole,
} from "./row.ts";

/** The quota in a row of merchant_quotas: the inverse of `quotaImage`. */
export function quotaFrom(row: Stored, key: Key): Quota {
  const suspendedAt = momentOrNull(row, "suspended_at");
  const quota: Quota = {
    key,
    windows: {
      daily: {
        period: periodOf(text(row, "daily_period")),
        used: amount(row, "daily_used"),
        held: amount(row, "daily_reserved"),
        count: whole(row, "transactions_today"),
        refunded: amount(row, "refunded_today"),
        alerted: whole(row, "daily_alerted"),
      },
      monthly: {
        period: periodOf(text(row, "monthly_period")),
        used: amount(row, "monthly_used"),
        held: amount(row, "monthly_reserved"),
        count: whole(row, "transactions_month"),
        refunded: amount(row, "refunded_month"),
        alerted: whole(row, "monthly_alerted"),
      },
      yearly: {
        period: periodOf(text(row, "yearly_period")),
        used: amount(row, "yearly_used"),
        held: amount(row, "yearly_reserved"),
        count: whole(row, "transactions_year"),
        refunded: amount(row, "refunded_year"),
        alerted: whole(row, "yearly_alerted"),
      },
    } satisfies PerWindow<Window>,
    pending: amount(row, "pending_amount"),
    reserved: amount(row, "reserved_amount"),
    suspension:
      flag(row, "is_suspended") && suspendedAt !== null
        ? {
            at: suspendedAt,
            reason: text(row, "suspended_reason"),
            by: text(row, "suspended_by"),
          }
        : null,
    lastOrderNo: textOrNull(row, "last_order_no"),
    lastPaymentNo: textOrNull(row, "last_payment_no"),
    lastUpdatedBy: textOrNull(row, "last_updated_by"),
    version: whole(row, "version"),
    createdAt: moment(row, "created_at"),
    updatedAt: moment(row, "updated_at"),
  };
  return quota;
}

/** The order in a row of quota_orders: the inverse of `orderImage`. */
export function orderFrom(row: Stored): Order {
  const [, , ...ref] = text(row, "order_key").split(" ");
  return {
    ref: ref.join(" "),
    amount: amount(row, "amount"),
    charged: chargedFrom(list(row, "charged_periods")),
    released: amount(row, "released"),
    settled: amount(row, "settled"),
    hold: holdFrom(row),
    effects: list(row, "effects").map((effect) => effectFrom(String(effect))),
  };
}

function holdFrom(row: Stored): Hold | null {
  const state = textOrNull(row, "hold_state");
  switch (state) {
    case null:
      return null;
    case "open":
    case "confirmed":
    case "cancelled":
    case "expired":
      return {
        state,
        amount: amount(row, "hold_amount"),
        expiresAt: moment(row, "hold_expires_at"),
      };
    default:
      throw new Error(`${state} is no state of a hold`);
  }
}

function chargedFrom(periods: readonly unknown[]): PerWindow<Period> {
  const [daily, monthly, yearly] = periods.map((period) => periodOf(String(period)));
  if (!daily || !monthly || !yearly) throw new Error("an order is charged to three periods");
  return { daily, monthly, yearly };
}

/** A currency as it was stored: accepted when it was written, even if it is not listed any more. */
export function currencyFrom(stored: string): Currency {
  return stored as Currency;
}
