import { mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";

import { Command } from "commander";

import { hasProcessFiles } from "./cpu.ts";
import { halfPeak } from "./half-peak.ts";
import { memory } from "./memory.ts";
import { nodes } from "./nodes.ts";
import { restart } from "./restart.ts";
import { scale } from "./scale.ts";
import { type Ground, makeGround } from "./ground.ts";
import { httpCases, merchants } from "./http-case.ts";
import { natsCases, shardCount, sustainedCase } from "./nats-case.ts";
import { fastifyPeer } from "./peer-fastify.ts";
import { postgresPeers } from "./peer-postgres.ts";
import { redisPeers } from "./peer-redis.ts";
import { largeFilled, type Plan, quickPlan, wholePlan } from "./plan.ts";
import { profileCases, profileText } from "./profile.ts";
import { conditionsOf, jsonOf, type Measured, textOf } from "./report.ts";
import { speedPlot, targetPlot } from "./plot.ts";
import { doubtsIn, ratioRows, type Result, type Row } from "./result.ts";
import type { Case, Sample } from "./sample.ts";
import { startService } from "./service.ts";

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
  readonly out?: string;
}

const say = (progress: string): void => {
  process.stderr.write(`bench: ${progress}\n`);
};

async function measure(ground: Ground, plan: Plan, only?: readonly string[]): Promise<Measured> {
  const wanted = ({ name }: { readonly name: string }): boolean => only?.includes(name) ?? true;
  const service = await startService(ground, await ground.postgres.newDatabase(), {
    name: "service",
    environment: { NATS_URL: ground.nats.url, SHARD_COUNT: String(shardCount) },
  });
  const cases = [
    ...(await postgresPeers(ground, merchants)),
    ...redisPeers(ground, merchants),
    await fastifyPeer(ground, merchants),
    ...httpCases(ground, service),
    ...natsCases(ground, service),
  ].filter(wanted);
  const long = [sustainedCase(ground, service)].filter(wanted);
  const sections = [
    halfPeak(ground, service),
    memory(ground),
    restart(ground),
    nodes(ground),
    scale(ground),
  ].filter(wanted);
  await warmUp(ground, plan, cases);
  const results = [
    ...(await measureRounds(ground, plan, cases)),
    ...(await measureRounds(ground, { rounds: 1, caseSeconds: plan.sustainedSeconds }, long)),
  ];
  const rows: Row[] = [];
  for (const { name, measure } of sections) {
    ground.say(`measuring ${name}`);
    const measured = await measure(plan);
    results.push(...measured.results);
    rows.push(...measured.rows);
  }
  await service.kill();
  return { results, rows };
}

/** Compiles what is hot in each server, brings the merchants into memory. */
async function warmUp({ say }: Ground, plan: Plan, cases: readonly Case[]): Promise<void> {
  say(`warming up each of ${cases.length} cases for ${plan.warmSeconds} s at most`);
  for (const { name, measure } of cases) {
    await measure(`warm-${name}`, Math.min(plan.warmSeconds, 2));
  }
}

/** All cases in turn, round after round, so that what else the machine does meets all of them alike. */
async function measureRounds(
  { say }: Ground,
  { rounds, caseSeconds }: Pick<Plan, "rounds" | "caseSeconds">,
  cases: readonly Case[],
): Promise<readonly Result[]> {
  const samples = new Map<string, Sample[]>(cases.map(({ name }) => [name, []]));
  for (let round = 1; round <= rounds; round += 1) {
    for (const { name, measure } of cases) {
      const sample = await measure(`${name}-${round}`, caseSeconds);
      samples.get(name)?.push(sample);
      const doubt = sample.doubt === null ? "" : `, NOT PROVEN: ${sample.doubt}`;
      say(`round ${round} of ${rounds}, ${name}: ${sample.perSecond.toFixed(0)} a second${doubt}`);
    }
  }
  return cases.map(({ name, what }) => ({ name, what, samples: samples.get(name) ?? [] }));
}

async function main({ quick, large, only, out, profile }: Options): Promise<void> {
  if (!hasProcessFiles()) throw new Error("processor time is read from /proc: run it on Linux");
  const shape = quick === true ? quickPlan : wholePlan;
  const plan = large === true ? { ...shape, filled: largeFilled } : shape;
  if (profile === true) {
    await mainProfile(plan, resolve(out ?? "profiles"));
    return;
  }
  const conditions = conditionsOf(plan);
  const ground = await makeGround(stop.signal, plan.wholeMaxMs, say);
  let measured: Measured;
  try {
    measured = await measure(ground, plan, only);
  } finally {
    await ground.stop();
  }
  process.stdout.write(textOf(conditions, measured));
  if (out !== undefined) {
    mkdirSync(out, { recursive: true });
    writeFileSync(join(out, "bench.json"), jsonOf(conditions, measured));
    writeFileSync(join(out, "bench.md"), textOf(conditions, measured));
    const { results, rows } = measured;
    const when = `${conditions.at.slice(0, 10)}, ${conditions.machine}`;
    writeFileSync(join(out, "speed.svg"), speedPlot(results, `Operations a second, ${when}`));
    const aims = targetPlot([...ratioRows(results), ...rows], `Targets (the line), ${when}`);
    writeFileSync(join(out, "targets.svg"), aims);
  }
  if (doubtsIn(measured.results).length > 0) process.exitCode = failed;
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
    .option("--quick", "one short round, about two minutes")
    .option("--large", "also on tables with 1,000,000 merchants and 10,000,000 log rows")
    .option("--only <cases...>", "these cases alone, by name")
    .option("--profile", "CPU profiles and flame graphs of some cases, in place of the tables")
    .option("--out <folder>", "write the tables, every sample as JSON, and plots there")
    .action(main);
  await program.parseAsync();
} catch (error) {
  const cause: unknown = stop.signal.aborted ? stop.signal.reason : error;
  process.stderr.write(`bench: ${cause instanceof Error ? cause.message : String(cause)}\n`);
  process.exitCode = stop.signal.aborted ? interrupted : failed;
}
