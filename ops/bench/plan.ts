/** How much is measured, and for how long. */
export interface Plan {
  readonly name: "whole" | "quick";
  readonly rounds: number;
  /** Of each case of a round. */
  readonly caseSeconds: number;
  readonly warmSeconds: number;
  /** NATS batches until the tables have everything. */
  readonly sustainedSeconds: number;
  /** Open loop at half of peak, in each round. */
  readonly latencySeconds: number;
  /** For the memory of an actor. */
  readonly merchantsTouched: number;
  /** Facts that are not in the tables when a process is killed. */
  readonly tails: readonly number[];
  /** Merchants in filled tables, each with ten orders and log entries. */
  readonly filled: readonly number[];
  /** All together; then the run gives up. */
  readonly wholeMaxMs: number;
}

/** Meant to take ten to fifteen minutes on a quiet machine. */
export const wholePlan: Plan = {
  name: "whole",
  rounds: 3,
  caseSeconds: 4,
  warmSeconds: 2,
  sustainedSeconds: 60,
  latencySeconds: 8,
  merchantsTouched: 200_000,
  tails: [0, 10_000, 50_000],
  filled: [100_000],
  wholeMaxMs: 3_600_000,
};

/** What takes longer than all else, and is measured in place of the smaller: a million merchants, ten million log rows. */
export const largeFilled = [1_000_000] as const;

/** Meant to take three minutes on a quiet machine: shows that all of it runs; its figures are too few to be quoted. */
export const quickPlan: Plan = {
  name: "quick",
  rounds: 1,
  caseSeconds: 2,
  warmSeconds: 1,
  sustainedSeconds: 6,
  latencySeconds: 4,
  merchantsTouched: 50_000,
  tails: [2_000],
  filled: [30_000],
  wholeMaxMs: 1_200_000,
};
