import { cpus, loadavg } from "node:os";

import Table from "cli-table3";

import type { LatencySummary } from "./latency.ts";
import type { Plan } from "./plan.ts";
import { shownMs } from "./progress.ts";
import type { Ran } from "./run.ts";
import { isSettled, type Settled } from "./settle.ts";
import type { Outcomes, Second, Tally } from "./tally.ts";

/** All that a run has shown. Times in milliseconds. */
export interface Report {
  readonly plan: Plan;
  readonly beganAt: string;
  readonly machine: string;
  readonly tookMs: number;
  readonly calls: number;
  /** Calls answered a second. */
  readonly callsPerSecond: number;
  readonly unsent: number;
  readonly outcomes: Outcomes;
  readonly codes: Readonly<Record<string, number>>;
  /** From the intended time of sending. */
  readonly latency: LatencySummary;
  /** From the time of sending: what a closed view would have shown. */
  readonly serviceTime: LatencySummary;
  readonly curve: Tally["curve"];
  readonly seconds: readonly Second[];
  readonly settled: Settled;
  /** Counted equals acknowledged. */
  readonly isEqual: boolean;
}

const namedMax = 20; // merchants that are named in the table; the JSON has all

export function reportOf(
  plan: Plan,
  beganAt: number,
  { tookMs, unsent }: Ran,
  tally: Tally,
  settled: Settled,
): Report {
  return {
    plan: { ...plan, url: withoutCredentials(plan.url) },
    beganAt: new Date(beganAt).toISOString(),
    machine: `${cpus().length} × ${cpus()[0]?.model ?? "unknown processor"}, load average ${(loadavg()[0] ?? Number.NaN).toFixed(2)}; the load runs on it too`,
    tookMs,
    calls: tally.calls,
    callsPerSecond: tally.calls / (tookMs / 1_000),
    unsent,
    outcomes: tally.outcomes,
    codes: Object.fromEntries(tally.codes),
    latency: tally.latency,
    serviceTime: tally.serviceTime,
    curve: tally.curve,
    seconds: tally.seconds,
    settled,
    isEqual: isSettled(settled),
  };
}

/** For people. */
export function textOf(report: Report): string {
  const { plan, outcomes, settled } = report;
  const loop =
    plan.ratePerSecond === null
      ? `closed loop, ${plan.clients} clients`
      : `open loop at ${plan.ratePerSecond}/s, at most ${plan.clients} at once`;
  const figures = new Table({ style: { head: [], border: [] } });
  figures.push(
    [
      "Load",
      `${plan.profile} over ${plan.driver}, ${loop}, ${plan.seconds} s after ${plan.warmSeconds} s of warm-up`,
    ],
    ["Run", `${plan.runId}, seed ${plan.seed}, ${report.beganAt}`],
    ["Machine", report.machine],
    ["Calls answered", `${report.calls}, ${report.callsPerSecond.toFixed(0)}/s`],
    ["Calls due and never sent", String(report.unsent)],
    ["Operations applied", String(outcomes.applied)],
    ["Operations refused", String(outcomes.refused)],
    ["Operations unknown", String(outcomes.unknown)],
    ...Object.entries(report.codes).map(([code, count]) => [`  ${code}`, String(count)]),
  );
  const times = new Table({
    head: ["", "mean", "p50", "p90", "p99", "p99.9", "p99.99", "max"],
    style: { head: [], border: [] },
  });
  times.push(
    ["Latency, from the intended time", ...timesOf(report.latency)],
    ["Service time, from the sending", ...timesOf(report.serviceTime)],
  );
  return [figures.toString(), times.toString(), verdictOf(settled), ""].join("\n");
}

/** For programs: sums that may be large are text, times that there are none of are null. */
export function jsonOf(report: Report): string {
  const exact = (_: string, value: unknown): unknown =>
    typeof value === "bigint" ? value.toString() : value;
  return `${JSON.stringify(report, exact, 2)}\n`;
}

function timesOf({ mean, p50, p90, p99, p999, p9999, max }: LatencySummary): readonly string[] {
  return [mean, p50, p90, p99, p999, p9999, max].map(shownMs);
}

function verdictOf({ unknown, applied, refused, open, merchants, unread, wrong }: Settled): string {
  const lines = [
    `Unknown outcomes sent again: ${unknown}; ${applied} count, ${refused} do not, ${open} are still unknown.`,
  ];
  if (unread.length > 0) lines.push(`Merchants that could not be read: ${unread.length}.`);
  for (const { merchantId, acknowledged, counted } of wrong.slice(0, namedMax)) {
    lines.push(`WRONG: ${merchantId} has used ${counted}, acknowledged were ${acknowledged}.`);
  }
  lines.push(
    wrong.length + unread.length + open === 0
      ? `Counted equals acknowledged, for all ${merchants} merchants.`
      : `NOT PROVEN: of ${merchants} merchants ${wrong.length} are wrong, ${unread.length} unread; ${open} changes are open.`,
  );
  return lines.join("\n");
}

function withoutCredentials(url: string): string {
  const address = new URL(url);
  address.username = "";
  address.password = "";
  return address.href;
}
