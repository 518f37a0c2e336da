import { writeFileSync } from "node:fs";

import Table from "cli-table3";
import { Command } from "commander";

import { cpuUsOf, memoryOf } from "./cpu.ts";
import { type Ground, makeGround } from "./ground.ts";
import type { HttpRan, Told } from "./http-plan.ts";
import { runHttp } from "./http-run.ts";
import { conditionsOf } from "./report.ts";
import { wholePlan } from "./plan.ts";
import { type Service, startService, token } from "./service.ts";

/*
 * Offers the service a multiple of what it can do, and shows what becomes of it: goodput before, during and after, how
 * soon what is refused is refused, memory, and whether what was acknowledged is what was counted. Progress goes to
 * standard error, the table to standard output. Exit codes: 0 measured; 1 could not measure, or counted is not what was
 * acknowledged.
 */
interface Options {
  readonly seconds: string;
  readonly times: string;
  readonly lines: string;
  readonly json?: string;
}

/** A phase, and what it cost. */
type Measured = HttpRan & {
  readonly name: string;
  readonly serviceCpuSeconds: number;
  readonly residentBytes: number;
};

const wholeMaxMs = 400_000;
const warmSeconds = 5;
const peakSeconds = 10;
const calmSeconds = 10;
const peakLines = 256;
const calmShare = 0.5;
const merchants = 1_000;
/** Recovered is a second in which so much of the calm load is served again. */
const recoveredShare = 0.95;

const say = (progress: string): void => {
  process.stderr.write(`overload: ${progress}\n`);
};

async function main(options: Options): Promise<void> {
  const conditions = conditionsOf(wholePlan);
  const ground = await makeGround(new AbortController().signal, wholeMaxMs, say);
  try {
    const service = await startService(ground, await ground.postgres.newDatabase(), {
      name: "overload",
    });
    const phases = await measure(ground, service, options);
    process.stdout.write(
      `${conditions.machine}; load before ${conditions.loadBefore.toFixed(1)}\n`,
    );
    process.stdout.write(textOf(phases, Number(options.times)));
    if (options.json !== undefined) {
      writeFileSync(options.json, `${JSON.stringify({ conditions, options, phases }, null, 2)}\n`);
    }
  } finally {
    await ground.stop();
  }
}

async function measure(
  ground: Ground,
  service: Service,
  { seconds, times, lines }: Options,
): Promise<readonly Measured[]> {
  const run = async (
    name: string,
    phaseSeconds: number,
    ratePerSecond: number | null,
    linesMax: number,
  ): Promise<Measured> => {
    const cpuBeforeUs = cpuUsOf(service.pid);
    const ran = await runHttp(ground, {
      ...{ url: service.url, merchants, name: name.replaceAll(" ", "-"), warmSeconds: 0 },
      ...{ seconds: phaseSeconds, ratePerSecond, linesMax, whenBusy: "unsent" },
    });
    const serviceCpuSeconds = (cpuUsOf(service.pid) - cpuBeforeUs) / 1_000_000;
    say(`${name}: ${goodputOf(ran).toFixed(0)} a second are served`);
    return { ...ran, name, serviceCpuSeconds, residentBytes: memoryOf(service.pid).bytes };
  };
  const warm = await run("warm", warmSeconds, null, peakLines);
  const peak = await run("peak", peakSeconds, null, peakLines);
  const calmRate = goodputOf(peak) * calmShare;
  const phases = [
    peak,
    await run("before", calmSeconds, calmRate, peakLines),
    await run("overload", Number(seconds), goodputOf(peak) * Number(times), Number(lines)),
    await run("after", calmSeconds, calmRate, peakLines),
    await run("peak again", peakSeconds, null, peakLines),
  ];
  await prove(service, bookIn([warm, ...phases]));
  return phases;
}

function bookIn(phases: readonly Measured[]): ReadonlyMap<string, Told> {
  const book = new Map<string, Told>();
  for (const phase of phases) {
    for (const [merchant, told] of Object.entries(phase.book)) {
      const { acknowledged, unknown } = book.get(merchant) ?? { acknowledged: 0, unknown: 0 };
      book.set(merchant, {
        acknowledged: acknowledged + told.acknowledged,
        unknown: unknown + told.unknown,
      });
    }
  }
  return book;
}

/** @throws Error when a merchant has used less than was acknowledged, or more than that and what nobody knows */
async function prove({ url }: Service, book: ReadonlyMap<string, Told>): Promise<void> {
  for (const [merchant, { acknowledged, unknown }] of book) {
    const response = await fetch(`${url}/api/v1/quotas/merchant/${merchant}/currency/USD`, {
      headers: { authorization: `Bearer ${token}` },
    });
    const { daily_used: used } = (await response.json()) as { readonly daily_used: number };
    if (!(used >= acknowledged && used <= acknowledged + unknown)) {
      throw new Error(
        `${merchant} has used ${used}, acknowledged ${acknowledged}, ${unknown} open`,
      );
    }
  }
  say(`of all ${book.size} merchants what is counted is what was acknowledged`);
}

function textOf(phases: readonly Measured[], times: number): string {
  const table = new Table({
    head: ["", "offered/s", "served/s", "503", "other", "lost", "unsent"].concat([
      "served p50",
      "p99",
      "refused p50",
      "p99 (ms)",
      "served/CPU s",
      "resident MB",
    ]),
    style: { head: [], border: [] },
  });
  for (const phase of phases) {
    const { name, sent, unsent, lost, statuses, tookSeconds, servedMs, refusedMs } = phase;
    const { "200": ok = 0, "503": refused = 0 } = statuses;
    const all = Object.values(statuses).reduce((sum, count) => sum + count, 0);
    table.push([
      name,
      ((sent + unsent) / tookSeconds).toFixed(0),
      goodputOf(phase).toFixed(0),
      ...[refused, all - ok - refused, lost, unsent].map(String),
      ...[servedMs.p50, servedMs.p99, refusedMs.p50, refusedMs.p99].map((ms) => ms.toFixed(1)),
      (ok / phase.serviceCpuSeconds).toFixed(0),
      (phase.residentBytes / 1_000_000).toFixed(0),
    ]);
  }
  const named = (wanted: string): Measured => {
    const found = phases.find(({ name }) => name === wanted);
    if (!found) throw new Error(`there is no phase ${wanted}`);
    return found;
  };
  const overload = named("overload");
  const after = named("after");
  const peak = (goodputOf(named("peak")) + goodputOf(named("peak again"))) / 2;
  const calm = (after.sent + after.unsent) / after.tookSeconds;
  const recovered = after.served.findIndex((count) => count >= calm * recoveredShare);
  return [
    table.toString(),
    `At ${times} times the peak ${(goodputOf(overload) / peak).toFixed(2)} of it was served, the peak being the mean of both.`,
    `Recovered in second ${recovered < 0 ? "none" : recovered + 1} after the overload.`,
    "",
  ].join("\n");
}

function goodputOf({ served }: Pick<HttpRan, "served">): number {
  return served.reduce((sum, count) => sum + count, 0) / served.length;
}

await new Command("overload")
  .description("offer the service a multiple of its peak, and see what is still served")
  .option("--seconds <n>", "how long", "60")
  .option("--times <n>", "of the peak", "3")
  .option("--lines <n>", "connections of callers, each with one call at a time", "1000")
  .option("--json <file>", "write every figure there too")
  .action(main)
  .parseAsync();
