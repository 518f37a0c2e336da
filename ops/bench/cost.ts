import { cpuUsOf, serverCpuUsOf } from "./cpu.ts";
import type { Ground } from "./ground.ts";
import { metricsOf, type ReadMetric, type Service } from "./service.ts";

/** What the service and its Postgres have used up to a moment, and what it has counted of itself. */
export interface Cost {
  readonly serviceUs: number;
  readonly postgresUs: number;
  readonly metric: ReadMetric;
}

/** Histograms of the service whose averages explain its latency. */
const stages = [
  ["queueWaitMs", "quota_queue_wait_seconds"],
  ["turnsMs", "quota_turns_seconds"],
  ["journalWaitMs", "quota_journal_wait_seconds"],
  ["commitMs", "quota_journal_commit_seconds"],
  ["checkpointMs", "quota_checkpoint_seconds"],
] as const;

export async function costOf(
  { postmasterPid }: Ground,
  service: Pick<Service, "pid" | "url">,
): Promise<Cost> {
  return {
    serviceUs: cpuUsOf(service.pid),
    postgresUs: serverCpuUsOf(postmasterPid),
    metric: await metricsOf(service),
  };
}

/** Per operation, deferred work included: the second reading is to be made when the tables have everything. */
export function addCost(
  before: Cost,
  after: Cost,
  operations: number,
): Readonly<Record<string, number>> {
  const more = (name: string): number => after.metric(name) - before.metric(name);
  const average = (name: string): number => more(`${name}_sum`) / more(`${name}_count`);
  const details: Record<string, number> = {
    serviceCpuUs: (after.serviceUs - before.serviceUs) / operations,
    postgresCpuUs: (after.postgresUs - before.postgresUs) / operations,
  };
  if (more("quota_journal_batch_facts_count") > 0) {
    details["factsPerCommit"] = average("quota_journal_batch_facts");
  }
  for (const [name, metric] of stages) {
    if (more(`${metric}_count`) > 0) details[name] = average(metric) * 1_000;
  }
  return details;
}
