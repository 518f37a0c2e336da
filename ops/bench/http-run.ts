import type { HttpPlan, HttpRan } from "./http-plan.ts";
import { compiled, outputOf, type Place } from "./program.ts";

/** Loads the service from a process of the load's own, to its end. */
export async function runHttp(place: Place, plan: HttpPlan): Promise<HttpRan> {
  const program = compiled("ops/bench/http-load.js");
  const output = await outputOf(place, process.execPath, [program, JSON.stringify(plan)]);
  // JSON has no NaN: of what was never met there is no latency.
  return JSON.parse(output, (_, value: unknown) => value ?? Number.NaN) as HttpRan;
}
