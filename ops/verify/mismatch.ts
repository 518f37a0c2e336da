/** What can be wrong, from the finest to the coarsest; the words of the report are in `report.ts`. */
export const mismatchKinds = [
  "chain_broken",
  "entry_altered",
  "entry_unchained",
  "entries_missing",
  "entry_doubled",
  "entry_discontinuous",
  "entry_differs",
  "quota_missing",
  "quota_differs",
  "order_missing",
  "order_without_entries",
  "order_differs",
  "alert_missing",
  "alert_differs",
  "order_unknown",
  "order_unlike_list",
  "order_not_listed",
  "order_listed_twice",
] as const;
export type MismatchKind = (typeof mismatchKinds)[number];

/** One thing that the tables say and the log does not, or the other way round. */
export interface Mismatch {
  readonly kind: MismatchKind;
  /** null = it was not asked for: a list of orders is of no shard. */
  readonly shard: number | null;
  /** Merchant and currency. */
  readonly key: string;
  /** null = it belongs to no order. */
  readonly order: string | null;
  /** The column, or the versions, or the type of the alert. */
  readonly what: string;
  /** The id of the log entry or the alert; null = it is about a row of another table, or about none. */
  readonly id: string | null;
  /** As text, since amounts pass what JSON holds exactly; null = nothing. */
  readonly expected: string | null;
  readonly found: string | null;
}

/** What could not be compared, and is said rather than passed over. */
export const uncheckedKinds = [
  "entries_before_the_chain",
  "entries_dropped_from_chains",
  "keys_of_older_service",
  "keys_with_dropped_entries",
  "keys_in_another_zone",
  "orders_of_older_service",
  "orders_with_dropped_entries",
  "alerts_of_dropped_entries",
  "heads_of_dropped_entries",
] as const;
export type UncheckedKind = (typeof uncheckedKinds)[number];
