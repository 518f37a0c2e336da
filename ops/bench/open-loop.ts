import { Type } from "typebox";
import { Value } from "typebox/value";

import type { Ground } from "./ground.ts";
import { compiled, outputOf } from "./program.ts";
import { doubtOf, type Sample } from "./sample.ts";
import { type Service, token } from "./service.ts";

/** What `npm run load -- --json` says, as far as it is read here. */
const reportSchema = Type.Object({
  tookMs: Type.Number(),
  calls: Type.Integer(),
  unsent: Type.Integer(),
  isEqual: Type.Boolean(),
  outcomes: Type.Object({
    applied: Type.Integer(),
    refused: Type.Integer(),
    unknown: Type.Integer(),
  }),
  latency: Type.Object({ mean: Type.Number(), p50: Type.Number(), p99: Type.Number() }),
});

const clients = 256;
const warmSeconds = 3;

/** Calls at a rate, each at its time whatever became of those before; `npm run load` counts and compares. */
export async function openLoop(
  ground: Ground,
  service: Service,
  load: {
    readonly name: string;
    readonly rate: number;
    readonly seconds: number;
    readonly merchants: number;
  },
): Promise<Sample> {
  const parameters = [
    compiled("ops/load/load.js"),
    ...["--url", service.url, "--token", token, "--profile", "uniform", "--json"],
    ...["--rate", String(load.rate), "--seconds", String(load.seconds)],
    // What compiles a load and opens its connections is no latency of the service.
    ...["--warm", String(warmSeconds)],
    ...["--clients", String(clients), "--merchants", String(load.merchants), "--run", load.name],
  ];
  // 1 = it has found something wrong, and says what.
  const output = await outputOf(ground, process.execPath, parameters, [0, 1]);
  // Progress is before it.
  const report: unknown = JSON.parse(output.slice(output.search(/^\{$/m)));
  if (!Value.Check(reportSchema, report)) throw new Error(`no report of a load:\n${output}`);
  const { applied, refused, unknown } = report.outcomes;
  return {
    operations: applied,
    perSecond: (applied * 1_000) / report.tookMs,
    p50Ms: report.latency.p50,
    p99Ms: report.latency.p99,
    doubt: doubtOf(
      [refused + unknown === 0, `${refused} were refused, ${unknown} unknown`],
      [report.unsent === 0, `${report.unsent} calls were due and never sent`],
      [report.isEqual, "counted is not acknowledged"],
    ),
    details: { meanMs: report.latency.mean },
  };
}
