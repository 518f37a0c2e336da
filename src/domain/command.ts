import type { Key, OrderNo } from "./ids.ts";
import type { Minor } from "./money.ts";
import type { PerWindow, WindowName } from "./period.ts";

/** Who asks: kept with every log entry. */
export interface Operator {
  readonly id: string;
  readonly type: "system" | "admin" | "api";
}

/** What a caller wants kept with the log entry: a flat object, bounded at the edge. */
export type Metadata = Readonly<Record<string, string | number | boolean>>;

/** What every command bears: whose it is, and what the audit trail keeps of it. */
interface Origin {
  readonly key: Key;
  readonly operator: Operator;
  readonly traceId: string | null;
  readonly paymentNo: string | null;
  readonly remarks: string | null;
  readonly metadata: Metadata | null;
}

/** Take an amount for an order. */
export type Consume = Origin & {
  readonly kind: "consume";
  readonly orderNo: OrderNo;
  readonly amount: Minor;
};
/** Hold an amount for an order, for a while. */
export type Reserve = Origin & {
  readonly kind: "reserve";
  readonly orderNo: OrderNo;
  readonly amount: Minor;
  readonly ttlMs: number;
};
/** Take what was held, or a part (`amount`); the rest returns. null = all. */
export type Confirm = Origin & {
  readonly kind: "confirm";
  readonly orderNo: OrderNo;
  readonly amount: Minor | null;
};
/** Drop a hold. */
export type Cancel = Origin & { readonly kind: "cancel"; readonly orderNo: OrderNo };
/** Drop a hold whose time is over; only the owner itself sends it. */
export type Expire = Origin & { readonly kind: "expire"; readonly orderNo: OrderNo };
/** Give back all that is left of an order (`amount` null), or a slice. */
export type Release = Origin & {
  readonly kind: "release";
  readonly orderNo: OrderNo;
  readonly refundNo: string | null;
  readonly amount: Minor | null;
};
/** An order was settled: what is left of it is no longer pending. */
export type Settle = Origin & { readonly kind: "settle"; readonly orderNo: OrderNo };
/** Correct the running periods by hand; `adjustmentNo` makes it idempotent. */
export type Adjust = Origin & {
  readonly kind: "adjust";
  readonly changes: PerWindow<bigint>;
  readonly adjustmentNo: string | null;
};
/** Begin the running period of one window anew. */
export type Reset = Origin & { readonly kind: "reset"; readonly window: WindowName };
/** Refuse all further taking and holding. */
export type Suspend = Origin & { readonly kind: "suspend"; readonly reason: string };
export type Resume = Origin & { readonly kind: "resume" };

/** What may change a quota, and is written to the audit trail whether accepted or refused. */
export type Command =
  | Consume
  | Reserve
  | Confirm
  | Cancel
  | Expire
  | Release
  | Settle
  | Adjust
  | Reset
  | Suspend
  | Resume;

/** Would this amount fit now? */
export type Check = { readonly kind: "check"; readonly key: Key; readonly amount: Minor };
/** What stands now? */
export type Get = { readonly kind: "get"; readonly key: Key };
/** What stands, once the limits have been fetched anew? */
export type Refresh = { readonly kind: "refresh"; readonly key: Key };
/** What changes nothing and leaves no log entry. */
export type Question = Check | Get | Refresh;

export type Action = Command["kind"];
