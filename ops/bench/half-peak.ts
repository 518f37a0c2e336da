import { syncTimes } from "./disk.ts";
import { figureOf } from "./figure.ts";
import type { Ground } from "./ground.ts";
import { merchants } from "./http-case.ts";
import { openLoop } from "./open-loop.ts";
import { type Result, type Row } from "./result.ts";
import { metricsTextOf, type Service, settled } from "./service.ts";
import type { Section } from "./section.ts";
import { medianIn, type Stages, stagesBetween } from "./stages.ts";
import { loadWith } from "./wrk.ts";

const peakSeconds = 4;
const syncMs = 1_500;
const p99MaxMs = 5;
const commitMaxRatio = 4;

/**
 * Latency as a caller has it who does not wait for others: calls at their times, at half the rate that 64 connections
 * reach just before. A commit is held against the disk alone, which is synced just before and just after.
 */
export function halfPeak(ground: Ground, service: Service): Section {
  return {
    name: "half-peak",
    measure: async ({ name, latencySeconds, rounds }) => {
      const results: Result["samples"][number][] = [];
      const commits: number[] = [];
      const stages: Stages[] = [];
      for (let round = 1; round <= rounds; round += 1) {
        const rate = await halfOfPeak(ground, service, `peak-${round}`);
        ground.say(`half of peak, round ${round} of ${rounds}: ${rate} calls a second`);
        const syncs = [...syncTimes(ground.folder, syncMs)];
        const before = await metricsTextOf(service);
        results.push(
          await openLoop(ground, service, {
            ...{ name: `half-${name}-${round}`, rate, merchants, seconds: latencySeconds },
          }),
        );
        await settled(service, ground.signal);
        const after = await metricsTextOf(service);
        syncs.push(...syncTimes(ground.folder, syncMs));
        const rawMs = figureOf(syncs).median;
        commits.push((medianIn("quota_journal_commit_seconds", before, after) * 1_000) / rawMs);
        stages.push(stagesBetween(before, after));
      }
      const samples = results;
      return {
        results: [
          { name: "half-peak", what: "HTTP consume, uniform, open loop, half of peak", samples },
        ],
        rows: [
          atMost(
            "p99 at half of peak, HTTP, open loop",
            "ms",
            p99MaxMs,
            samples.map(({ p99Ms }) => p99Ms ?? Number.NaN),
          ),
          atMost("commit p50 ÷ raw fdatasync p50", "", commitMaxRatio, commits),
          ...stageRows(
            stages,
            samples.map(({ details }) => details["meanMs"] ?? Number.NaN),
          ),
        ],
      };
    },
  };
}

async function halfOfPeak(ground: Ground, service: Service, name: string): Promise<number> {
  const asked = { kind: "consume", spread: { kind: "uniform", merchants } } as const;
  const load = { name, asked, url: service.url, connections: 64, seconds: peakSeconds };
  const { requests, lastedUs } = await loadWith(ground, load);
  await settled(service, ground.signal);
  return Math.max(1, Math.floor((requests * 1_000_000) / lastedUs / 2));
}

/** Where the time of a call goes; what the owner does not see is the edge, the connection and the load itself. */
function stageRows(stages: readonly Stages[], meansMs: readonly number[]): readonly Row[] {
  const of = (what: string, values: readonly number[]): Row => ({
    what: `at half of peak, mean: ${what}`,
    ...{ unit: "ms", digits: 2, target: null, figure: figureOf(values) },
  });
  const rest = stages.map(
    ({ queueMs, journalMs, commitMs }, n) =>
      (meansMs[n] ?? Number.NaN) - queueMs - journalMs - commitMs,
  );
  return [
    of("a call, from its intended time", meansMs),
    of(
      "of it: waiting for its turn, look-up included",
      stages.map(({ queueMs }) => queueMs),
    ),
    of(
      "of it: its batch waiting for the commit before",
      stages.map(({ journalMs }) => journalMs),
    ),
    of(
      "of it: the commit",
      stages.map(({ commitMs }) => commitMs),
    ),
    of("of it: edge, connection and load", rest),
    of(
      "all turns of a round",
      stages.map(({ turnsMs }) => turnsMs),
    ),
    of(
      "behind the answer: a checkpoint",
      stages.map(({ checkpointMs }) => checkpointMs),
    ),
  ];
}

function atMost(what: string, unit: string, bound: number, values: readonly number[]): Row {
  return { what, unit, digits: 2, figure: figureOf(values), target: { is: "at most", bound } };
}
