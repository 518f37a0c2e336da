import { execFileSync } from "node:child_process";
import { cpus, loadavg, totalmem } from "node:os";
import { join } from "node:path";

import { findPrograms } from "../../test/support/services-programs.ts";
import type { Plan } from "./plan.ts";
import { type Measured, type Row, rowsOf } from "./row.ts";
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
    programs: `Node ${process.version}, ${postgres.trim()}, ${wrkVersion() ?? "no wrk"}`,
    loadBefore,
    plan,
  };
}

/** A heading with the conditions, and a table in Markdown. */
export function textOf(conditions: Conditions, measured: Measured): string {
  const { at, machine, programs, loadBefore, plan } = conditions;
  const cells = [
    ["What", "Median", "Least – most", "Target", ""],
    ...rowsOf(measured).map(cellsOf),
  ];
  const widths = [0, 1, 2, 3, 4].map((column) =>
    Math.max(...cells.map((line) => line[column]?.length ?? 0)),
  );
  const padded = (line: readonly string[]): string =>
    `| ${line.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(" | ")} |`;
  const [head = [], ...rest] = cells;
  const rule = `| ${widths.map((width) => "-".repeat(Math.max(3, width))).join(" | ")} |`;
  return [
    `Measured ${at} on ${machine}; ${programs}; load average before: ${loadBefore.toFixed(2)}.`,
    `Rounds: ${plan.rounds}, each load ${plan.loadSeconds} s with wrk -t1 -c64; service, Postgres and wrk share the machine.`,
    "",
    ...[padded(head), rule, ...rest.map(padded)],
    "",
  ].join("\n");
}

/** The same for a program: conditions, lines, and every sample. */
export function jsonOf(conditions: Conditions, measured: Measured): string {
  return `${JSON.stringify({ conditions, rows: rowsOf(measured), measured }, null, 2)}\n`;
}

function cellsOf({ what, unit, figure, digits, target }: Row): readonly string[] {
  const shown = (value: number): string =>
    value.toLocaleString("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits });
  const suffix = unit === "" || unit.startsWith("/") ? unit : ` ${unit}`;
  const spread =
    figure.least === figure.most ? "" : `${shown(figure.least)} – ${shown(figure.most)}`;
  const verdict = target === null ? "" : target.isReached ? "reached" : "missed";
  return [what, `${shown(figure.median)}${suffix}`, spread, target?.text ?? "", verdict];
}
