import { writeFileSync } from "node:fs";

import { Command } from "commander";

import { realPostgres } from "../../test/support/services.ts";
import { hasProcessFiles, postmasterAt } from "./cpu.ts";
import { measureMemory } from "./memory.ts";
import { type Plan, quickPlan, wholePlan } from "./plan.ts";
import { conditionsOf, jsonOf, textOf } from "./report.ts";
import { measureRestarts } from "./restart.ts";
import { type Bench, measureRounds } from "./round.ts";
import type { Measured } from "./row.ts";
import { makeScratch } from "./scratch.ts";
import { startService } from "./service.ts";
import { wrkVersion } from "./wrk.ts";

/*
 * Measures the service as a process of its own on a Postgres of its own: load, memory, restart. Progress goes to
 * standard error, one table to standard output. Exit codes: 0 measured, whether the targets are reached or missed;
 * 1 could not measure; 130 interrupted.
 */
const failed = 1;
const interrupted = 130;

const say = (progress: string): void => {
  process.stderr.write(`bench: ${progress}\n`);
};

/** Everything that was started ends with the signal or with the return, whichever is first. */
async function measure(plan: Plan, stop: AbortSignal): Promise<Measured> {
  say("starting a Postgres");
  const postgres = await realPostgres({ own: true });
  if ("skipped" in postgres) throw new Error(`no Postgres to measure on: ${postgres.skipped}`);
  const scratch = makeScratch();
  const over = new AbortController();
  const signal = AbortSignal.any([stop, over.signal, AbortSignal.timeout(plan.wholeMaxMs)]);
  try {
    const postmasterPid = postmasterAt(postgres.port);
    const bench: Bench = { plan, scratch, postmasterPid, signal, say };
    const loaded = await startService(scratch, await postgres.newDatabase(), signal);
    const rounds = await measureRounds(bench, loaded);
    await loaded.kill();
    // Fresh again, so that the memory is of the merchants and not of the load before.
    const address = await postgres.newDatabase();
    const touched = await startService(scratch, address, signal);
    const memory = await measureMemory(bench, touched);
    const restarts = await measureRestarts(bench, address, touched);
    return { rounds, memory, restarts };
  } finally {
    over.abort();
    scratch.remove();
    await postgres.stop();
  }
}

async function main(options: { readonly quick?: true; readonly json?: string }): Promise<void> {
  if (!hasProcessFiles()) throw new Error("processor time is read from /proc: run it on Linux");
  if (wrkVersion() === undefined) throw new Error("install wrk: it is not in the PATH");
  const plan = options.quick === true ? quickPlan : wholePlan;
  const conditions = conditionsOf(plan);
  const measured = await measure(plan, stop.signal);
  process.stdout.write(textOf(conditions, measured));
  if (options.json !== undefined) writeFileSync(options.json, jsonOf(conditions, measured));
}

const stop = new AbortController();
for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.on(name, () => {
    stop.abort(new Error(`interrupted by ${name}`));
  });
}

try {
  const program = new Command("bench")
    .description("measure the service on a Postgres of its own, loaded with wrk")
    .option("--quick", "one short round: about half a minute")
    .option("--json <file>", "write the figures and every sample there too")
    .action(main);
  await program.parseAsync();
} catch (error) {
  const cause: unknown = stop.signal.aborted ? stop.signal.reason : error;
  process.stderr.write(`bench: ${cause instanceof Error ? cause.message : String(cause)}\n`);
  process.exitCode = stop.signal.aborted ? interrupted : failed;
}
