/** What the load over NATS is to do. */
export interface NatsPlan {
  readonly url: string;
  /** Operations of one parcel; null = plain asks, one at a time. */
  readonly batch: number | null;
  /** Calls on their way at once. */
  readonly onTheirWay: number;
  readonly merchants: number;
  readonly shardCount: number;
  readonly seconds: number;
  /** Begins its order numbers. */
  readonly name: string;
}

/** How it went, in operations. */
export interface NatsRan {
  readonly good: number;
  /** Refused because too much waited, and asked again. */
  readonly refused: number;
  readonly unanswered: number;
  /** Answers that were not an acceptance, by how they begin. */
  readonly wrong: Readonly<Record<string, number>>;
  /** From the first call to the last answer. */
  readonly lastedMs: number;
  /** Of one call, a whole batch if it is one. */
  readonly p50Ms: number;
  readonly p99Ms: number;
}
