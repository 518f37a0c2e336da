import type { Action } from "./command.ts";
import type { OrderNo } from "./ids.ts";
import type { Instant } from "./instant.ts";
import type { AlertLevel } from "./limits.ts";
import type { Minor } from "./money.ts";
import type { Period, PerWindow, WindowName } from "./period.ts";
import type { Suspension } from "./quota.ts";

/** Signed changes of a quota; a window's part counts in the window's running period only. */
export interface Change {
  readonly used: PerWindow<bigint>;
  readonly held: PerWindow<bigint>;
  readonly count: PerWindow<number>;
  readonly refunded: bigint;
  readonly pending: bigint;
  readonly reserved: bigint;
}

/** What a fact does to an order. */
export type OrderChange =
  | { readonly kind: "taken"; readonly amount: Minor }
  | { readonly kind: "held"; readonly amount: Minor; readonly expiresAt: Instant }
  | { readonly kind: "confirmed"; readonly amount: Minor; readonly whole: boolean }
  | { readonly kind: "dropped"; readonly as: "cancelled" | "expired" }
  | {
      readonly kind: "released";
      readonly refundNo: string;
      readonly amount: Minor;
      readonly whole: boolean;
    }
  | { readonly kind: "settled"; readonly amount: Minor }
  | { readonly kind: "adjusted"; readonly changes: PerWindow<bigint> };

/** What somebody should know of. */
export type AlertRaised = ThresholdAlert | SuspensionAlert;

/** A threshold that a change has crossed. */
export interface ThresholdAlert {
  readonly kind: "threshold";
  readonly window: WindowName;
  readonly percent: number;
  readonly level: AlertLevel;
  readonly used: Minor;
  readonly limit: Minor;
}

/** A merchant was suspended in a currency: nothing more is taken until somebody resumes it. */
export interface SuspensionAlert {
  readonly kind: "suspended";
  readonly level: AlertLevel;
  readonly reason: string;
  readonly by: string;
}

/** An accepted change: applying it needs no rule, no limit and no clock. */
export interface Fact {
  readonly action: Action;
  readonly at: Instant;
  /** The periods that run from this fact on. */
  readonly periods: PerWindow<Period>;
  /** The amount of the log entry: taken, held, given back or settled; zero for the other actions. */
  readonly amount: Minor;
  readonly change: Change;
  /** Present when the fact belongs to an order or a numbered adjustment. */
  readonly order: {
    readonly ref: string;
    readonly change: OrderChange;
    readonly charged: PerWindow<Period>;
  } | null;
  readonly orderNo: OrderNo | null;
  readonly paymentNo: string | null;
  readonly operatorId: string;
  /** undefined = unchanged. */
  readonly suspension: Suspension | null | undefined;
  readonly alerts: readonly AlertRaised[];
}
