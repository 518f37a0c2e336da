/** How much is measured, and for how long. */
export interface Plan {
  readonly name: "whole" | "quick";
  readonly rounds: number;
  /** Of each case of a round. */
  readonly caseSeconds: number;
  readonly warmSeconds: number;
  /** NATS batches until the tables have everything. */
  readonly sustainedSeconds: number;
  /** All together; then the run gives up. */
  readonly wholeMaxMs: number;
}

/** About ten minutes. */
export const wholePlan: Plan = {
  name: "whole",
  rounds: 3,
  caseSeconds: 5,
  warmSeconds: 5,
  sustainedSeconds: 60,
  wholeMaxMs: 1_500_000,
};

/** About two minutes: shows that all of it runs; its figures are too few to be quoted. */
export const quickPlan: Plan = {
  name: "quick",
  rounds: 1,
  caseSeconds: 3,
  warmSeconds: 2,
  sustainedSeconds: 10,
  wholeMaxMs: 600_000,
};
