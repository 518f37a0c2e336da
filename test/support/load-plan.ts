import type { Plan } from "../../ops/load/plan.ts";

/** A load of a second that a test changes as it needs. */
export function planWith(own: Partial<Plan>): Plan {
  return {
    url: "http://127.0.0.1:40022",
    driver: "http",
    profile: "uniform",
    ratePerSecond: 100,
    seconds: 1,
    warmSeconds: 0,
    clients: 16,
    callsMax: 100_000,
    merchants: 10,
    zipfExponent: 1,
    batchSize: 5,
    currency: "USD",
    seed: 1,
    runId: "run",
    ...own,
  };
}
