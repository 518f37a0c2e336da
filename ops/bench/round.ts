import { cpuUsOf, serverCpuUsOf } from "./cpu.ts";
import type { Plan } from "./plan.ts";
import type { Scratch } from "./scratch.ts";
import { metricsOf, type Service, settled } from "./service.ts";
import { loadWith, type Summary, type Target } from "./wrk.ts";

/** One load of one round, with what it cost. */
export interface Sample extends Summary {
  readonly requestsPerSecond: number;
  /** Until the tables have all of it, so that deferred work is counted too. */
  readonly serviceCpuUsPerRequest: number;
  readonly postgresCpuUsPerRequest: number;
  /** Null where nothing is written. */
  readonly factsPerCommit: number | null;
  /** Average time of one group commit. */
  readonly commitMs: number | null;
  /** Answered, durable, and not yet in the tables when the load ended. */
  readonly lagFacts: number;
}

/** The three loads in turn, so that what else the machine does meets all of them alike. */
export interface Round {
  readonly live: Sample;
  readonly random: Sample;
  readonly hot: Sample;
}

/** What the loads run against and with. */
export interface Bench {
  readonly plan: Plan;
  readonly scratch: Scratch;
  readonly postmasterPid: number;
  readonly signal: AbortSignal;
  readonly say: (progress: string) => void;
}

const connections = 64;
const targets = {
  live: { kind: "live" },
  random: { kind: "consume", merchants: 10_000 },
  hot: { kind: "consume", merchants: 1 },
} as const satisfies Record<keyof Round, Target>;

/** Warms the service up, then measures round after round. */
export async function measureRounds(bench: Bench, service: Service): Promise<readonly Round[]> {
  const { plan, say } = bench;
  say(`warming up for ${plan.warmSeconds + 1} s`);
  await sampleOf(bench, service, { kind: "live", name: "warm-live", seconds: 1 });
  await sampleOf(bench, service, { kind: "random", name: "warm", seconds: plan.warmSeconds });
  const rounds: Round[] = [];
  for (let round = 1; round <= plan.rounds; round += 1) {
    const measured = async (kind: keyof Round): Promise<Sample> => {
      const name = `${kind}-${round}`;
      const sample = await sampleOf(bench, service, { kind, name, seconds: plan.loadSeconds });
      say(
        `round ${round} of ${plan.rounds}, ${kind}: ${sample.requestsPerSecond.toFixed(0)} a second`,
      );
      return sample;
    };
    rounds.push({
      live: await measured("live"),
      random: await measured("random"),
      hot: await measured("hot"),
    });
  }
  return rounds;
}

async function sampleOf(
  { scratch, signal, postmasterPid }: Bench,
  service: Service,
  load: { readonly kind: keyof Round; readonly name: string; readonly seconds: number },
): Promise<Sample> {
  const metricsBefore = await metricsOf(service);
  const serviceBefore = cpuUsOf(service.pid);
  const postgresBefore = serverCpuUsOf(postmasterPid);
  const target = targets[load.kind];
  const summary = await loadWith(scratch, service, { ...load, target, connections }, signal);
  const lagFacts = (await metricsOf(service))("quota_checkpoint_lag_facts");
  await settled(service, signal);
  const serviceUs = cpuUsOf(service.pid) - serviceBefore;
  const postgresUs = serverCpuUsOf(postmasterPid) - postgresBefore;
  const metricsAfter = await metricsOf(service);
  const more = (name: string): number => metricsAfter(name) - metricsBefore(name);
  const commits = more("quota_journal_batch_facts_count");
  const facts = more("quota_journal_batch_facts_sum");
  if (target.kind === "consume" && facts + summary.non2xx < summary.requests) {
    throw new Error(`${load.name}: ${summary.requests} answers, but only ${facts} facts`);
  }
  return {
    ...summary,
    requestsPerSecond: (summary.requests * 1_000_000) / summary.lastedUs,
    serviceCpuUsPerRequest: serviceUs / summary.requests,
    postgresCpuUsPerRequest: postgresUs / summary.requests,
    factsPerCommit: commits === 0 ? null : facts / commits,
    commitMs: commits === 0 ? null : (more("quota_journal_commit_seconds_sum") * 1_000) / commits,
    lagFacts,
  };
}
