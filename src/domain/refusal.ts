import type { Instant } from "./instant.ts";
import type { WindowName } from "./period.ts";

/** A business no. */
export type RefusalCode =
  | "DAILY_LIMIT_EXCEEDED"
  | "MONTHLY_LIMIT_EXCEEDED"
  | "YEARLY_LIMIT_EXCEEDED"
  | "DAILY_COUNT_EXCEEDED"
  | "MONTHLY_COUNT_EXCEEDED"
  | "REFUND_DAILY_LIMIT_EXCEEDED"
  | "REFUND_MONTHLY_LIMIT_EXCEEDED"
  | "SINGLE_LIMIT_EXCEEDED"
  | "BELOW_SINGLE_MINIMUM"
  | "PENDING_LIMIT_EXCEEDED"
  | "ADJUST_BELOW_ZERO"
  | "AMOUNT_OVERFLOW"
  | "QUOTA_SUSPENDED"
  | "ORDER_CONFLICT"
  | "ORDER_RESERVED"
  | "RELEASE_EXCEEDS_CONSUMED"
  | "RESERVATION_EXPIRED"
  | "RESERVATION_CLOSED"
  | "ORDER_NOT_FOUND";

/** The reason and the numbers it rests on, in minor units or, for counts, in orders; null where there is none. */
export interface Refusal {
  readonly code: RefusalCode;
  readonly message: string;
  /** The window whose end lifts the refusal. */
  readonly window: WindowName | null;
  readonly limit: bigint | null;
  readonly used: bigint | null;
  readonly reserved: bigint | null;
  readonly requested: bigint | null;
  /** When the same amount would fit if nothing else is taken; null = not by waiting. */
  readonly fitsAt: Instant | null;
}

type Numbers = Partial<Omit<Refusal, "code" | "message">>;

const noNumbers = {
  window: null,
  limit: null,
  used: null,
  reserved: null,
  requested: null,
  fitsAt: null,
} as const;

export function refusalOf(code: RefusalCode, message: string, numbers: Numbers = {}): Refusal {
  return { code, message, ...noNumbers, ...numbers };
}
