import { availableParallelism } from "node:os";

import { bookOf } from "./book.ts";
import { addCost, costOf } from "./cost.ts";
import { syncTimes } from "./disk.ts";
import { figureOf } from "./figure.ts";
import type { Ground } from "./ground.ts";
import { merchants } from "./http-case.ts";
import type { HttpRan } from "./http-plan.ts";
import { runHttp } from "./http-run.ts";
import type { Result, Row } from "./result.ts";
import { doubtOf, type Sample } from "./sample.ts";
import { metricsTextOf, type Service, settled } from "./service.ts";
import type { Section } from "./section.ts";
import { collectedSecondsIn, quantileIn, type Stages, stagesBetween } from "./stages.ts";
import { loadWith } from "./wrk.ts";

const peakSeconds = 4;
const warmSeconds = 3;
/** Callers: so many are enough for a service that answers nobody for a tenth of a second. */
const lines = 512;
const syncMs = 1_500;
const p99MaxMs = 5;
const commitMaxRatio = 4;

/** A round: the calls, where their time went, and a commit beside the disk alone. */
interface Round {
  readonly ran: HttpRan;
  readonly sample: Sample;
  readonly stages: Stages;
  readonly commitMs: number;
  readonly p99: {
    readonly queueMs: number;
    readonly commitMs: number;
    readonly checkpointMs: number;
  };
  /** Of the whole stretch, the share in which the service stood still for its garbage collector. */
  readonly collecting: number;
  /** Of the processors' time, the share that service, Postgres and load take. */
  readonly busy: number;
  readonly syncMs: number;
}

/**
 * Latency as a caller has it who does not wait for others: calls at their times, at half the rate that 64 connections
 * reach just before. A commit is held against the disk alone, which is synced just before and just after.
 */
export function halfPeak(ground: Ground, service: Service): Section {
  return {
    name: "half-peak",
    measure: async ({ name, latencySeconds, rounds }) => {
      const measured: Round[] = [];
      for (let round = 1; round <= rounds; round += 1) {
        const rate = await halfOfPeak(ground, service, `peak-${round}`);
        ground.say(`half of peak, round ${round} of ${rounds}: ${rate} calls a second`);
        const run = `half-${name}-${round}`;
        measured.push(await measure(ground, service, { run, rate, seconds: latencySeconds }));
      }
      const what = "HTTP consume, uniform, open loop, half of peak";
      const samples = measured.map(({ sample }) => sample);
      const result: Result = { name: "half-peak", what, samples };
      return { results: [result], rows: rowsOf(measured) };
    },
  };
}

async function measure(
  ground: Ground,
  service: Service,
  { run, rate, seconds }: { readonly run: string; readonly rate: number; readonly seconds: number },
): Promise<Round> {
  const syncs = [...syncTimes(ground.folder, syncMs)];
  const counted = await bookOf(ground, service.database);
  const costBefore = await costOf(ground, service);
  const before = await metricsTextOf(service);
  const fromMs = performance.now();
  const ran = await runHttp(ground, {
    ...{ url: service.url, merchants, name: run, warmSeconds },
    ...{ seconds, ratePerSecond: rate, linesMax: lines, whenBusy: "late" },
  });
  const tookSeconds = (performance.now() - fromMs) / 1_000;
  await settled(service, ground.signal);
  const after = await metricsTextOf(service);
  const costAfter = await costOf(ground, service);
  const orders = (await bookOf(ground, service.database)).orders - counted.orders;
  syncs.push(...syncTimes(ground.folder, syncMs));
  const cost = addCost(costBefore, costAfter, orders);
  const callUs = (cost["serviceCpuUs"] ?? 0) + (cost["postgresCpuUs"] ?? 0) + ran.loadCpuUs;
  const sample = sampleOf(ran, orders, cost);
  const quantileMs = (name: string, share: number): number =>
    quantileIn(`quota_${name}_seconds`, share, { before, after }) * 1_000;
  return {
    ran,
    sample,
    stages: stagesBetween(before, after),
    commitMs: quantileMs("journal_commit", 0.5),
    p99: {
      queueMs: quantileMs("queue_wait", 0.99),
      commitMs: quantileMs("journal_commit", 0.99),
      checkpointMs: quantileMs("checkpoint", 0.99),
    },
    busy: (callUs * sample.perSecond) / 1_000_000 / availableParallelism(),
    collecting: (collectedSecondsIn(after) - collectedSecondsIn(before)) / tookSeconds,
    syncMs: figureOf(syncs).median,
  };
}

/** @param orders counted, warming up included @param cost of each of them */
function sampleOf(ran: HttpRan, orders: number, cost: Sample["details"]): Sample {
  const { "200": good = 0, ...others } = ran.statuses;
  const told = Object.values(ran.book);
  const acknowledged = told.reduce((sum, one) => sum + one.acknowledged, 0);
  return {
    operations: good,
    perSecond: good / ran.tookSeconds,
    p50Ms: ran.servedMs.p50,
    p99Ms: ran.servedMs.p99,
    doubt: doubtOf(
      [good === ran.sent, `${ran.lost} calls were lost, other answers: ${JSON.stringify(others)}`],
      [ran.unsent === 0, `${ran.unsent} calls were due and never sent`],
      [orders === acknowledged, `${orders} orders are counted, ${acknowledged} were acknowledged`],
    ),
    details: {
      ...cost,
      ...{ meanMs: ran.servedMs.mean, sendingMs: ran.sendingMs.mean, loadCpuUs: ran.loadCpuUs },
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

/** Where the time of a call goes; what neither owner nor load sees is the edge and the connection. */
function rowsOf(rounds: readonly Round[]): readonly Row[] {
  const row = (
    what: string,
    value: (round: Round) => number,
    { unit = "ms", bound }: { readonly unit?: string; readonly bound?: number } = {},
  ): Row => ({
    ...{ what, unit, digits: 2, figure: figureOf(rounds.map(value)) },
    target: bound === undefined ? null : { is: "at most", bound },
  });
  const mean = (what: string, value: (round: Round) => number): Row =>
    row(`at half of peak, mean: ${what}`, value);
  return [
    row("p99 at half of peak, HTTP, open loop", ({ ran }) => ran.servedMs.p99, { bound: p99MaxMs }),
    row("commit p50 ÷ raw fdatasync p50, at half of peak", (one) => one.commitMs / one.syncMs, {
      ...{ unit: "", bound: commitMaxRatio },
    }),
    row("commit p50 at half of peak", ({ commitMs }) => commitMs),
    row("raw fdatasync p50", (one) => one.syncMs),
    mean("a call, from its intended time", ({ ran }) => ran.servedMs.mean),
    mean("of it: until the load sends it", ({ ran }) => ran.sendingMs.mean),
    mean("of it: waiting for its turn, look-up included", ({ stages }) => stages.queueMs),
    mean("of it: its batch waiting for the commit before", ({ stages }) => stages.journalMs),
    mean("of it: the commit", ({ stages }) => stages.commitMs),
    mean(
      "of it: edge and connection",
      ({ ran, stages: { queueMs, journalMs, commitMs } }) =>
        ran.servedMs.mean - ran.sendingMs.mean - queueMs - journalMs - commitMs,
    ),
    mean("all turns of a round", ({ stages }) => stages.turnsMs),
    mean("behind the answer: a checkpoint", ({ stages }) => stages.checkpointMs),
    row("at half of peak, p99: waiting for its turn, look-up included", ({ p99 }) => p99.queueMs),
    row("at half of peak, p99: a commit", ({ p99 }) => p99.commitMs),
    row("at half of peak, p99: a checkpoint", ({ p99 }) => p99.checkpointMs),
    row(
      "at half of peak: the service stands still for its collector",
      (one) => one.collecting * 100,
      {
        unit: "%",
      },
    ),
    row(
      "at half of peak: service, Postgres and load, of all processor time",
      (one) => one.busy * 100,
      { unit: "%" },
    ),
    row("load's own processor time, a call", ({ ran }) => ran.loadCpuUs, { unit: "µs" }),
  ];
}
