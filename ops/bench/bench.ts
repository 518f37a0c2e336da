import { mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";

import { Command } from "commander";

import { hasProcessFiles } from "./cpu.ts";
import { makeGround } from "./ground.ts";
import { largeFilled, type Plan, quickPlan, wholePlan } from "./plan.ts";
import { profileCases, profileText } from "./profile.ts";
import {
  type Conditions,
  conditionsOf,
  doubtsIn,
  jsonOf,
  type Measured,
  textOf,
} from "./report.ts";
import { speedPlot, targetPlot } from "./plot.ts";
import { ratioRows } from "./result.ts";
import { run } from "./run.ts";

/*
 * Measures the service, as a process of its own, beside what people would use instead, all of it on servers that are
 * started for it. Progress goes to standard error, the tables to standard output. Exit codes: 0 measured, whether the
 * targets are met or missed; 1 could not measure, or a figure is not proven; 130 interrupted.
 */
const failed = 1;
const interrupted = 130;

interface Options {
  readonly quick?: true;
  readonly large?: true;
  readonly only?: readonly string[];
  readonly profile?: true;
  readonly out: string;
}

const say = (progress: string): void => {
  process.stderr.write(`bench: ${progress}\n`);
};

async function main({ quick, large, only, out, profile }: Options): Promise<void> {
  if (!hasProcessFiles()) throw new Error("processor time is read from /proc: run it on Linux");
  const shape = quick === true ? quickPlan : wholePlan;
  const plan = large === true ? { ...shape, filled: largeFilled } : shape;
  if (profile === true) {
    await mainProfile(plan, resolve(out, "profiles"));
    return;
  }
  const conditions = conditionsOf(plan);
  const ground = await makeGround(stop.signal, plan.wholeMaxMs, say);
  let measured: Measured;
  try {
    measured = await run(ground, plan, only);
  } finally {
    await ground.stop();
  }
  process.stdout.write(textOf(conditions, measured));
  writeAll(out, conditions, measured);
  if (doubtsIn(measured).length > 0) process.exitCode = failed;
}

/** The tables, every sample, and both plots. */
function writeAll(folder: string, conditions: Conditions, measured: Measured): void {
  const { results, rows } = measured;
  const when = `${conditions.at.slice(0, 10)}, ${conditions.machine}`;
  const targets = [...ratioRows(results), ...rows];
  mkdirSync(folder, { recursive: true });
  const write = (name: string, text: string): void => {
    writeFileSync(join(folder, name), text);
  };
  write("bench.md", textOf(conditions, measured));
  write("bench.json", jsonOf(conditions, measured));
  write("speed.svg", speedPlot(results, `Operations a second, ${when}`));
  write("targets.svg", targetPlot(targets, `Targets (the line), ${when}`));
  say(`tables, samples and plots are in ${folder}`);
}

async function mainProfile({ caseSeconds, wholeMaxMs }: Plan, folder: string): Promise<void> {
  const ground = await makeGround(stop.signal, wholeMaxMs, say);
  try {
    const profiles = await profileCases(ground, { seconds: caseSeconds, folder });
    process.stdout.write(`${profileText(profiles)}\nprofiles and flame graphs are in ${folder}\n`);
    if (profiles.some(({ sample }) => sample.doubt !== null)) process.exitCode = failed;
  } finally {
    await ground.stop();
  }
}

const stop = new AbortController();
for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.on(name, () => {
    stop.abort(new Error(`interrupted by ${name}`));
  });
}

try {
  const program = new Command("bench")
    .description("measure the service beside what people would use instead")
    .option("--quick", "one short round")
    .option("--large", "on tables with 1,000,000 merchants and 10,000,000 log rows")
    .option("--only <cases...>", "these cases alone, by name")
    .option("--profile", "CPU profiles and flame graphs of some cases, in place of the tables")
    .option("--out <folder>", "for the tables, every sample, plots and profiles", "bench-report")
    .action(main);
  await program.parseAsync();
} catch (error) {
  const cause: unknown = stop.signal.aborted ? stop.signal.reason : error;
  process.stderr.write(`bench: ${cause instanceof Error ? cause.message : String(cause)}\n`);
  process.exitCode = stop.signal.aborted ? interrupted : failed;
}
