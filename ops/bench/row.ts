import { type Figure, figureOf } from "./figure.ts";
import { type Memory, merchantsTouched } from "./memory.ts";
import type { Restart } from "./restart.ts";
import type { Round, Sample } from "./round.ts";

/** One line of the report. */
export interface Row {
  readonly what: string;
  readonly unit: string;
  readonly figure: Figure;
  /** Decimals that are shown. */
  readonly digits: number;
  readonly target: Target | null;
}

export interface Target {
  readonly text: string;
  readonly isReached: boolean;
}

/** All that one run has measured. */
export interface Measured {
  readonly rounds: readonly Round[];
  readonly memory: Memory;
  readonly restarts: readonly Restart[];
}

const randomToLiveMin = 0.6;
const hotToRandomMin = 0.8;
const factsPerCommitOver = 10;
const memoryUnderMegabytes = 600;
const restartMaxMs = 3_000;

const loads: Readonly<Record<keyof Round, string>> = {
  live: "GET /health/live",
  random: "consume, random merchants",
  hot: "consume, one hot merchant",
};

/** The lines of the report, the targets among them. A ratio is taken within each round. */
export function rowsOf(measured: Measured): readonly Row[] {
  const { rounds } = measured;
  const perRound = (value: (round: Round) => number): Figure => figureOf(rounds.map(value));
  const all = rounds.flatMap(({ live, random, hot }) => [live, random, hot]);
  const total = (count: (sample: Sample) => number): Figure =>
    figureOf([all.reduce((sum, sample) => sum + count(sample), 0)]);
  const non2xx = total((sample) => sample.non2xx);
  const broken = total((sample) => sample.broken);
  const ratio = (over: keyof Round, under: keyof Round): Figure =>
    perRound((round) => round[over].requestsPerSecond / round[under].requestsPerSecond);
  const randomToLive = ratio("random", "live");
  const hotToRandom = ratio("hot", "random");
  return [
    ...loadRows("live", perRound),
    ...loadRows("random", perRound),
    ...loadRows("hot", perRound),
    row("requests/s, random ÷ live", "", randomToLive, 2, {
      text: `≥ ${randomToLiveMin}`,
      isReached: randomToLive.median >= randomToLiveMin,
    }),
    row("requests/s, hot ÷ random", "", hotToRandom, 2, {
      text: `≥ ${hotToRandomMin}`,
      isReached: hotToRandom.median >= hotToRandomMin,
    }),
    ...commitRows("random", perRound),
    ...commitRows("hot", perRound),
    row("answers that are not 2xx", "", non2xx, 0, none(non2xx)),
    row("broken connections and late answers", "", broken, 0, none(broken)),
    ...memoryRows(measured.memory),
    restartRow(measured.restarts),
  ];
}

type PerRound = (value: (round: Round) => number) => Figure;

function loadRows(kind: keyof Round, perRound: PerRound): readonly Row[] {
  const of = (value: (sample: Sample) => number): Figure => perRound((round) => value(round[kind]));
  const what = (part: string): string => `${loads[kind]}: ${part}`;
  return [
    row(
      what("answers a second"),
      "/s",
      of((it) => it.requestsPerSecond),
      0,
    ),
    row(
      what("p50"),
      "ms",
      of((it) => it.p50Us / 1_000),
      2,
    ),
    row(
      what("p99"),
      "ms",
      of((it) => it.p99Us / 1_000),
      2,
    ),
    row(
      what("CPU of the service per request"),
      "µs",
      of((it) => it.serviceCpuUsPerRequest),
      0,
    ),
    row(
      what("CPU of Postgres per request"),
      "µs",
      of((it) => it.postgresCpuUsPerRequest),
      0,
    ),
  ];
}

function commitRows(kind: "random" | "hot", perRound: PerRound): readonly Row[] {
  const facts = perRound((round) => round[kind].factsPerCommit ?? 0);
  const commitMs = perRound((round) => round[kind].commitMs ?? 0);
  const lag = perRound((round) => round[kind].lagFacts);
  return [
    row(`${loads[kind]}: facts in a commit, average`, "", facts, 1, {
      text: `> ${factsPerCommitOver}`,
      isReached: facts.median > factsPerCommitOver,
    }),
    row(`${loads[kind]}: one commit, average`, "ms", commitMs, 2),
    row(`${loads[kind]}: facts not yet in the tables at the end`, "", lag, 0),
  ];
}

function memoryRows({ bytes, highestBytes, refused }: Memory): readonly Row[] {
  const megabytes = figureOf([bytes / 1_000_000]);
  const touched = `${merchantsTouched.toLocaleString("en-US")} merchants touched once`;
  return [
    row(`${touched}: resident memory then`, "MB", megabytes, 0, {
      text: `< ${memoryUnderMegabytes} MB`,
      isReached: megabytes.median < memoryUnderMegabytes,
    }),
    row(`${touched}: highest on the way`, "MB", figureOf([highestBytes / 1_000_000]), 0),
    row(`${touched}: not answered with 200`, "", figureOf([refused]), 0, none(figureOf([refused]))),
  ];
}

/** The slowest start is held against the target, not the median: it is a promise, not a habit. */
function restartRow(restarts: readonly Restart[]): Row {
  const figure = figureOf(restarts.map(({ readyAfterMs }) => readyAfterMs));
  return row("kill -9 under load: from the start to ready", "ms", figure, 0, {
    text: `≤ ${restartMaxMs} ms, the slowest`,
    isReached: figure.most <= restartMaxMs,
  });
}

function none(figure: Figure): Target {
  return { text: "0", isReached: figure.most === 0 };
}

function row(
  what: string,
  unit: string,
  figure: Figure,
  digits: number,
  target: Target | null = null,
): Row {
  return { what, unit, figure, digits, target };
}
