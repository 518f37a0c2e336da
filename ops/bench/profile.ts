import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { busiestFiles, framesOf } from "./cpu-profile.ts";
import { flameOf } from "./flame.ts";
import type { Ground } from "./ground.ts";
import { httpCases } from "./http-case.ts";
import { natsCases, shardCount } from "./nats-case.ts";
import type { Sample } from "./sample.ts";
import { type Service, startService } from "./service.ts";

const profiled = ["http-hot", "http-uniform", "http-mixed", "nats-500"];
const warmSeconds = 3;
const filesShown = 15;

/** A case under the sampling profiler, and where its time went. */
export interface Profile {
  readonly name: string;
  readonly sample: Sample;
  /** Of the time at work, by file or library. */
  readonly shares: readonly (readonly [file: string, share: number])[];
}

/**
 * Runs some cases, each on a service of its own under V8's sampling profiler, and leaves `<case>.cpuprofile`, which the
 * developer tools of browsers open, and `<case>.svg`, its flame graph without start and warm-up.
 */
export async function profileCases(
  ground: Ground,
  { seconds, folder }: { readonly seconds: number; readonly folder: string },
): Promise<readonly Profile[]> {
  mkdirSync(folder, { recursive: true });
  const profiles: Profile[] = [];
  for (const name of profiled) {
    ground.say(`profiling ${name}`);
    profiles.push(await profileOf(ground, name, seconds, folder));
  }
  return profiles;
}

async function profileOf(
  ground: Ground,
  name: string,
  seconds: number,
  folder: string,
): Promise<Profile> {
  const service = await startService(ground, await ground.postgres.newDatabase(), {
    name: `profiled-${name}`,
    environment: { NATS_URL: ground.nats.url, SHARD_COUNT: String(shardCount) },
    nodeOptions: ["--cpu-prof", `--cpu-prof-dir=${folder}`, `--cpu-prof-name=${name}.cpuprofile`],
  });
  const measured = casesOf(ground, service).find((one) => one.name === name);
  if (measured === undefined) throw new Error(`there is no case ${name}`);
  await measured.measure(`warm-${name}`, warmSeconds);
  const fromUs = monotonicUs();
  const sample = await measured.measure(name, seconds);
  const untilUs = monotonicUs();
  // The profile is written by an orderly end.
  await service.stop();
  const root = framesOf(join(folder, `${name}.cpuprofile`), { fromUs, untilUs });
  const title = `${name}: ${sample.perSecond.toFixed(0)}/s, ${(root.totalUs / sample.operations).toFixed(0)} µs each at work`;
  writeFileSync(join(folder, `${name}.svg`), flameOf(root, title));
  const shares = busiestFiles(root).map(([file, us]) => [file, us / root.totalUs] as const);
  return { name, sample, shares };
}

/** For people: the busiest files of each case. */
export function profileText(profiles: readonly Profile[]): string {
  return profiles
    .flatMap(({ name, sample: { perSecond, doubt }, shares }) => [
      `${name}: ${perSecond.toFixed(0)} a second under the profiler${doubt === null ? "" : `, NOT PROVEN: ${doubt}`}`,
      ...shares
        .slice(0, filesShown)
        .map(([file, share]) => `  ${(share * 100).toFixed(1).padStart(5)} %  ${file}`),
      "",
    ])
    .join("\n");
}

function casesOf(ground: Ground, service: Service) {
  return [...httpCases(ground, service), ...natsCases(ground, service)];
}

/** The clock by which profiles are timed. */
function monotonicUs(): number {
  return Number(process.hrtime.bigint() / 1_000n);
}
