import type { Measured } from "./report.ts";
import type { Plan } from "./plan.ts";

/** Something that is measured once, beside the cases that take turns. */
export interface Section {
  readonly name: string;
  readonly measure: (plan: Plan) => Promise<Pick<Measured, "results" | "rows">>;
}
