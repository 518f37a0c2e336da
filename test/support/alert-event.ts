import type { AlertEvent } from "../../src/wire/event.ts";

/** The id of the nth alert of a test. */
export function alertId(n: number): string {
  return `0199a1de-0000-7000-8000-${String(n).padStart(12, "0")}`;
}

/** An alert as targets are told of it. */
export function alertEventWith(wanted: Partial<AlertEvent> = {}): AlertEvent {
  return {
    v: 1,
    id: alertId(1),
    merchant_id: "M-1",
    currency: "USD",
    alert_type: "daily_80",
    alert_level: "warning",
    message: "daily use reached 80 % of the limit: 80 of 100",
    usage_percent: 80,
    period: "2026-11-22",
    created_at: "2026-11-22T12:00:00.000Z",
    version: 7n,
    current_used: 80n,
    limit: 100n,
    ...wanted,
  };
}
