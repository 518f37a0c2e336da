import type { Instant } from "./instant.ts";
import type { Limits } from "./limits.ts";
import type { Order, Receipt } from "./order.ts";
import type { Calendar } from "./period.ts";
import type { Quota } from "./quota.ts";
import type { Refusal } from "./refusal.ts";
import { unreachable } from "./unreachable.ts";

/** What stands at the end of a turn: everything a reply may quote, and no more than was durable when it is sent. */
export interface Standing {
  /** In its running periods, expired holds dropped. */
  readonly quota: Quota;
  readonly limits: Limits;
  readonly calendar: Calendar;
  readonly at: Instant;
}

/** What a turn answers. */
export type Outcome =
  | {
      readonly kind: "accepted";
      readonly duplicate: boolean;
      readonly receipt: Receipt;
      /** The order as it is now; null for reset, suspend, resume and adjustments without a number. */
      readonly order: Order | null;
    }
  | { readonly kind: "refused"; readonly refusal: Refusal; readonly standing: Standing }
  | { readonly kind: "checked"; readonly refusal: Refusal | null; readonly standing: Standing }
  | { readonly kind: "stands"; readonly standing: Standing };

/** What it is counted as: accepted, duplicate, or the code of the refusal. */
export function outcomeName(outcome: Outcome): string {
  switch (outcome.kind) {
    case "accepted":
      return outcome.duplicate ? "duplicate" : "accepted";
    case "refused":
      return outcome.refusal.code;
    case "checked":
      return outcome.refusal?.code ?? "accepted";
    case "stands":
      return "accepted";
    default:
      return unreachable(outcome);
  }
}
