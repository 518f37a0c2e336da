import { figureOf } from "./figure.ts";
import { fill, ordersEach } from "./fill.ts";
import type { Ground } from "./ground.ts";
import { measureHttp, merchants } from "./http-case.ts";
import { shardCount } from "./nats-case.ts";
import type { Plan } from "./plan.ts";
import { ratiosOf, type Result, type Row } from "./result.ts";
import type { Sample } from "./sample.ts";
import type { Section } from "./section.ts";
import { type Service, settled, startService } from "./service.ts";
import { touch } from "./touch.ts";
import type { Spread } from "./wrk.ts";

const filledMinRatio = 0.9;
const warmSeconds = 4;

/**
 * What the size of the tables costs: the same consumes for 10,000 merchants, in turn on a database that holds nothing
 * else and on filled ones; and keys that are not in memory, one after another out of all of a filled one.
 */
export function scale(ground: Ground): Section {
  return {
    name: "scale",
    measure: async (plan) => {
      const empty = await filledService(ground, "scale-empty", 0);
      const results: Result[] = [];
      const rows: Row[] = [];
      for (const filled of plan.filled) {
        const shown = filled.toLocaleString("en-US");
        const service = await filledService(ground, `scale-${filled}`, filled);
        const sides = await bothSides(ground, { plan, empty, service, filled });
        const tables = `${shown} merchants and ${(filled * ordersEach).toLocaleString("en-US")} log rows`;
        results.push(
          {
            name: `scale-${filled}-empty`,
            what: "HTTP consume, uniform, empty tables",
            samples: sides.empty,
          },
          {
            name: `scale-${filled}`,
            what: `HTTP consume, uniform over 10,000 of ${tables}`,
            samples: sides.filled,
          },
          {
            name: `cold-${filled}`,
            what: `HTTP consume, uniform over all of ${tables}: cold keys`,
            samples: sides.cold,
          },
          {
            name: `few-${filled}`,
            what: `HTTP consume, uniform over 1,000 of ${tables}`,
            samples: sides.few,
          },
        );
        rows.push(
          ratio(`consumes, ${tables} ÷ empty`, sides.filled, sides.empty, {
            is: "at least",
            bound: filledMinRatio,
          }),
          ratio(
            `consumes of cold keys ÷ of keys in memory, ${tables}`,
            sides.cold,
            sides.filled,
            null,
          ),
        );
        await service.kill();
      }
      await empty.kill();
      return { results, rows };
    },
  };
}

/** A service on a database of its own, of whose rows none is in its memory. */
async function filledService(ground: Ground, name: string, filled: number): Promise<Service> {
  const database = await ground.postgres.newDatabase();
  const options = { name, environment: { SHARD_COUNT: String(shardCount) } };
  const service = await startService(ground, database, options);
  if (filled === 0) return service;
  // Beside those that are filled in: its rows are what theirs are made of.
  const template = filled + 1;
  await touch(ground, service, { name: "template", from: template, to: template });
  await settled(service, ground.signal);
  await fill(ground, database, { merchants: filled, shardCount, template: `M-${template}` });
  return service;
}

async function bothSides(
  ground: Ground,
  {
    plan,
    empty,
    service,
    filled,
  }: {
    readonly plan: Plan;
    readonly empty: Service;
    readonly service: Service;
    readonly filled: number;
  },
): Promise<Readonly<Record<"empty" | "filled" | "cold" | "few", readonly Sample[]>>> {
  const taken = {
    empty: [] as Sample[],
    filled: [] as Sample[],
    cold: [] as Sample[],
    few: [] as Sample[],
  };
  const consume = (on: Service, name: string, count: number, seconds: number): Promise<Sample> => {
    const spread: Spread = { kind: "uniform", merchants: count };
    return measureHttp(ground, on, {
      name: `${name}-${filled}`,
      asked: { kind: "consume", spread },
      seconds,
    });
  };
  for (const on of [empty, service]) await consume(on, "scale-warm", merchants, warmSeconds);
  for (let round = 1; round <= plan.rounds; round += 1) {
    ground.say(`scale ${filled}, round ${round} of ${plan.rounds}`);
    taken.empty.push(await consume(empty, `scale-${round}`, merchants, plan.caseSeconds));
    taken.filled.push(await consume(service, `scale-${round}`, merchants, plan.caseSeconds));
  }
  taken.few.push(await consume(service, "few", 1_000, plan.caseSeconds));
  taken.cold.push(await consume(service, "cold", filled, plan.caseSeconds));
  return taken;
}

function ratio(
  what: string,
  over: readonly Sample[],
  under: readonly Sample[],
  target: Row["target"],
): Row {
  const values = ratiosOf(over, under);
  return { what, unit: "", digits: 2, figure: figureOf(values), target };
}
