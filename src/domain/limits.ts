import type { Minor } from "./money.ts";
import type { PerWindow, Zone } from "./period.ts";

/** Where the limits in force came from. */
export type LimitsSource = "policy" | "last_known" | "default";

/** What a merchant may take; null = no such limit. */
export interface Limits {
  readonly singleMin: Minor | null;
  readonly singleMax: Minor | null;
  /** On used plus held in the running period. */
  readonly windows: PerWindow<Minor | null>;
  /** Orders a day and a month, held ones included. */
  readonly counts: { readonly daily: number | null; readonly monthly: number | null };
  /** On pending plus reserved. */
  readonly maxPending: Minor | null;
  /** On what is given back in the running day and month. */
  readonly refunds: { readonly daily: Minor | null; readonly monthly: Minor | null };
  readonly zone: Zone;
  readonly source: LimitsSource;
  readonly policyVersion: string | null;
}

/** What the policy service says of a key, whoever remembers it. */
export interface Policy extends Omit<Limits, "source" | "zone"> {
  /** null = the zone of this service. */
  readonly zone: Zone | null;
}

/** A share of a limit at which an alert is raised: whole percent, ascending in the list. */
export interface Threshold {
  readonly percent: number;
  readonly level: AlertLevel;
}

export type AlertLevel = "warning" | "critical";
