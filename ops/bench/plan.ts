/** How much is measured, and for how long. */
export interface Plan {
  readonly rounds: number;
  /** Of each of the three loads of a round. */
  readonly loadSeconds: number;
  readonly warmSeconds: number;
  readonly restarts: number;
  /** All together; then the run gives up. */
  readonly wholeMaxMs: number;
}

/** About a minute and a half. */
export const wholePlan: Plan = {
  rounds: 3,
  loadSeconds: 5,
  warmSeconds: 5,
  restarts: 3,
  wholeMaxMs: 240_000,
};

/** About half a minute or a little more: shows that it runs; its figures are too few to be quoted. */
export const quickPlan: Plan = {
  rounds: 1,
  loadSeconds: 2,
  warmSeconds: 2,
  restarts: 1,
  wholeMaxMs: 120_000,
};
