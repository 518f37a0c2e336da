import { type Figure, figureOf } from "./figure.ts";
import type { Case, Sample } from "./sample.ts";

/** A case with what was measured of it, a sample a round. */
export interface Result extends Pick<Case, "name" | "what"> {
  readonly samples: readonly Sample[];
}

/** What a figure has to reach. */
export interface Target {
  readonly is: "at least" | "at most";
  readonly bound: number;
}

/** One line of the report. */
export interface Row {
  readonly what: string;
  readonly unit: string;
  readonly figure: Figure;
  readonly digits: number;
  readonly target: Target | null;
}

/** A ratio within each round, its median held against the target. */
interface Ratio {
  readonly what: string;
  readonly over: string;
  readonly under: string;
  readonly bound: number;
}

const ratios: readonly Ratio[] = [
  {
    what: "HTTP consume, one hot merchant ÷ Postgres row lock, hot",
    ...{ over: "http-hot", under: "postgres-hot", bound: 8 },
  },
  {
    what: "HTTP consume, uniform ÷ Postgres row lock, uniform",
    ...{ over: "http-uniform", under: "postgres-spread", bound: 2 },
  },
  {
    what: "HTTP consume, uniform ÷ plain fastify POST without work",
    ...{ over: "http-uniform", under: "fastify", bound: 0.7 },
  },
  {
    what: "NATS batches of 500, sustained, tables kept up ÷ Postgres row lock, uniform",
    ...{ over: "nats-500-sustained", under: "postgres-spread", bound: 5 },
  },
  {
    what: "NATS batches of 500, burst on an empty backlog ÷ Postgres row lock, uniform",
    ...{ over: "nats-500", under: "postgres-spread", bound: 8 },
  },
  {
    what: "NATS batches of 500, sustained ÷ Redis script, AOF always, pipeline 16",
    ...{ over: "nats-500-sustained", under: "redis-pipelined", bound: 0.3 },
  },
  {
    what: "HTTP consume, uniform ÷ GET /health/live",
    ...{ over: "http-uniform", under: "live", bound: 0.6 },
  },
];

/** The ratios of which both sides were measured. */
export function ratioRows(results: readonly Result[]): readonly Row[] {
  return ratios.flatMap(({ what, over, under, bound }) => {
    const above = results.find(({ name }) => name === over)?.samples ?? [];
    const below = results.find(({ name }) => name === under)?.samples ?? [];
    if (above.length === 0 || below.length === 0) return [];
    const values = ratiosOf(above, below);
    const target = { is: "at least", bound } as const;
    return [{ what, unit: "", figure: figureOf(values), digits: 2, target }];
  });
}

export function isMet({ figure, target }: Row): boolean {
  if (target === null) return true;
  return target.is === "at least" ? figure.median >= target.bound : figure.median <= target.bound;
}

/** Round by round; what was measured once, because it takes long, is held against each round of the other. */
export function ratiosOf(over: readonly Sample[], under: readonly Sample[]): readonly number[] {
  if (over.length === under.length) {
    return over.map(({ perSecond }, round) => perSecond / (under[round]?.perSecond ?? Number.NaN));
  }
  return over.flatMap((above) => under.map((below) => above.perSecond / below.perSecond));
}
