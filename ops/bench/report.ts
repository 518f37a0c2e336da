import { execFileSync } from "node:child_process";
import { cpus, loadavg, totalmem } from "node:os";
import { join } from "node:path";

import { findPrograms } from "../../test/support/services-programs.ts";
import { type Figure, figureOf } from "./figure.ts";
import type { Plan } from "./plan.ts";
import { isMet, ratioRows, type Result, type Row } from "./result.ts";
import { wrkVersion } from "./wrk.ts";

/** What a figure is worth depends on. Read before the load begins. */
export interface Conditions {
  readonly at: string;
  readonly machine: string;
  readonly programs: string;
  /** Of the minute before: what else was running. */
  readonly loadBefore: number;
  readonly plan: Plan;
}

/** All that a run has measured. */
export interface Measured {
  readonly results: readonly Result[];
  /** Beside the ratios of the results. */
  readonly rows: readonly Row[];
  /** What could not be measured, in words. */
  readonly troubles: readonly string[];
}

/** Why the run fails: samples that prove nothing, and what could not be measured. */
export function doubtsIn({ results, troubles }: Measured): readonly string[] {
  return [
    ...results.flatMap(({ name, samples }) =>
      samples.flatMap(({ doubt }) => (doubt === null ? [] : [`NOT PROVEN: ${name}: ${doubt}`])),
    ),
    ...troubles.map((trouble) => `NOT MEASURED: ${trouble}`),
  ];
}

export function conditionsOf(plan: Plan): Conditions {
  const bin = findPrograms()?.bin;
  const postgres =
    bin === undefined
      ? ""
      : execFileSync(join(bin, "postgres"), ["--version"], { encoding: "utf8" });
  const gigabytes = (totalmem() / 1_000_000_000).toFixed(0);
  const [loadBefore = Number.NaN] = loadavg();
  return {
    at: new Date().toISOString(),
    machine: `${cpus().length} × ${cpus()[0]?.model ?? "unknown processor"}, ${gigabytes} GB`,
    programs: `Node ${process.version}, ${postgres.trim()}, ${wrkVersion()}`,
    loadBefore,
    plan,
  };
}

/** A heading with the conditions and two tables in Markdown; at the end what makes the figures worthless, if anything. */
export function textOf(conditions: Conditions, measured: Measured): string {
  const { results, rows } = measured;
  const { at, machine, programs, loadBefore, plan } = conditions;
  const doubts = doubtsIn(measured);
  return [
    `Measured ${at} on ${machine}; ${programs}; load average before: ${loadBefore.toFixed(2)}.`,
    `${plan.rounds} rounds, ${plan.caseSeconds} s a case; the service, its Postgres, the peers and the load share the machine.`,
    "",
    ...tableOf(
      ["What", "Median", "Least – most", "Target", ""],
      [...ratioRows(results), ...rows].map(rowCells),
    ),
    "",
    ...tableOf(
      [
        "Case",
        "Operations/s",
        "Least – most",
        "p50 ms",
        "p99 ms",
        "CPU µs: service",
        "Postgres",
        "Facts a commit",
      ],
      results.map(resultCells),
    ),
    "",
    ...doubts,
    ...(doubts.length === 0
      ? ["Every call was done, and counted equals acknowledged, in every measure."]
      : []),
    "",
  ].join("\n");
}

/** The same for a program: conditions, lines, and every sample. */
export function jsonOf(conditions: Conditions, measured: Measured): string {
  const { results, rows } = measured;
  const lines = [...ratioRows(results), ...rows].map((row) => ({ ...row, isMet: isMet(row) }));
  return `${JSON.stringify({ conditions, rows: lines, results, doubts: doubtsIn(measured) }, null, 2)}\n`;
}

function tableOf(head: readonly string[], body: readonly (readonly string[])[]): readonly string[] {
  const cells = [head, ...body];
  const widths = head.map((_, column) =>
    Math.max(3, ...cells.map((line) => line[column]?.length ?? 0)),
  );
  const padded = (line: readonly string[]): string =>
    `| ${widths.map((width, column) => (line[column] ?? "").padEnd(width)).join(" | ")} |`;
  const rule = `| ${widths.map((width) => "-".repeat(width)).join(" | ")} |`;
  return [padded(head), rule, ...body.map(padded)];
}

function rowCells(row: Row): readonly string[] {
  const { what, unit, figure, digits, target } = row;
  const suffix = unit === "" ? "" : ` ${unit}`;
  const bound = target && `${target.is === "at least" ? "≥" : "≤"} ${target.bound}${suffix}`;
  const verdict = target === null ? "" : isMet(row) ? "met" : "missed";
  return [
    what,
    `${shown(figure.median, digits)}${suffix}`,
    spreadOf(figure, digits),
    bound ?? "",
    verdict,
  ];
}

function resultCells({ what, samples }: Result): readonly string[] {
  const figure = figureOf(samples.map(({ perSecond }) => perSecond));
  const median = (values: readonly (number | null | undefined)[], digits: number): string => {
    const known = values.filter((value) => typeof value === "number");
    return known.length === 0 ? "" : shown(figureOf(known).median, digits);
  };
  const detail = (name: string, digits: number): string =>
    median(
      samples.map(({ details }) => details[name]),
      digits,
    );
  return [
    what,
    shown(figure.median, 0),
    spreadOf(figure, 0),
    median(
      samples.map(({ p50Ms }) => p50Ms),
      2,
    ),
    median(
      samples.map(({ p99Ms }) => p99Ms),
      2,
    ),
    detail("serviceCpuUs", 0),
    detail("postgresCpuUs", 0),
    detail("factsPerCommit", 0),
  ];
}

function spreadOf({ least, most }: Figure, digits: number): string {
  return least === most ? "" : `${shown(least, digits)} – ${shown(most, digits)}`;
}

function shown(value: number, digits: number): string {
  return value.toLocaleString("en-US", {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
}
