import type { LatencySummary } from "../load/latency.ts";

/** What the load over HTTP is to do: consumes of 1 for M-1 … M-`merchants`, at random. */
export interface HttpPlan extends Phase {
  readonly url: string;
  readonly merchants: number;
  /** Begins its order numbers. */
  readonly name: string;
  /** Before that the same load, which is counted and not timed: it compiles the load, and wakes the keys. */
  readonly warmSeconds: number;
}

/** A while of one load. */
export interface Phase {
  readonly seconds: number;
  /** Questions a second, each at its time whatever became of those before; null = each line asks when it was answered. */
  readonly ratePerSecond: number | null;
  /** Connections, each with one question at a time. */
  readonly linesMax: number;
  /** What becomes of a question whose time has come while every line waits: it goes later, or never. */
  readonly whenBusy: "late" | "unsent";
}

/** What a phase met. */
export interface PhaseResult {
  readonly tookSeconds: number;
  readonly sent: number;
  /** Their time came while every line waited for an answer. */
  readonly unsent: number;
  /** The caller hung up, or the connection was lost. */
  readonly lost: number;
  readonly statuses: Readonly<Record<string, number>>;
  /** Answers with 200 in each second. */
  readonly served: readonly number[];
  /** Of answers with 200, from the time at which the question was to be sent. */
  readonly servedMs: LatencySummary;
  /** The same, of answers with 503. */
  readonly refusedMs: LatencySummary;
  /** Of all questions, from that time to the sending: what the load itself, and its lines being busy, add. */
  readonly sendingMs: LatencySummary;
  /** The load's own processor time, of each question. */
  readonly loadCpuUs: number;
}

/** How it went. */
export interface HttpRan extends PhaseResult {
  /** By merchant, warm-up included: consumes that were acknowledged, and those of which nobody knows. */
  readonly book: Readonly<Record<string, Told>>;
}

export interface Told {
  readonly acknowledged: number;
  readonly unknown: number;
}
