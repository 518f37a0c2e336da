import Table from "cli-table3";

import type { Comparison } from "./compare.ts";
import { difference, isEqual } from "./compare.ts";
import type { Course } from "./mark.ts";
import type { PoliciesExported } from "./policy.ts";
import type { Tally } from "./tally.ts";

/** Bad rows that the text names; all that are kept are in the JSON. */
const shownBadRowsMax = 20;

/** What came of a run. */
export interface Report extends Course {
  readonly state: "dry_run" | "would_stop" | "stopped" | "done" | "done_in_parts" | "was_done";
  /** The comparison is with what is here, not with what would be. */
  readonly isThere: boolean;
  readonly tally: Tally;
  readonly comparison: Comparison;
  readonly policies: PoliciesExported | null;
  readonly seconds: number;
}

const stateText: Readonly<Record<Report["state"], string>> = {
  dry_run: "dry run: nothing was written",
  would_stop: "dry run: nothing was written, and --apply would stop at the rows below",
  stopped: "stopped before anything was written, because of the rows below",
  done: "migrated",
  done_in_parts: "migrated, from where an earlier run was interrupted",
  was_done: "migrated by an earlier run: nothing was written now",
};

const oddityText: Readonly<Record<string, string>> = {
  merchant_without_limits:
    "merchants that are in the log and not in merchant_limits: their log rows alone are taken",
  order_no_not_sendable: "rows whose order_no this service does not take: no order is made of them",
  consumed_again: "consumes of an order_no that was consumed before: the order has both amounts",
  consume_unknown: "orders known by what was given back only: taken to have been of that amount",
  released_too_much: "releases of more than was left of their order: the order is empty",
};

/** Why the run did not end well; null = it did. */
export function failureOf(report: Report): string | null {
  if (report.state === "stopped" || report.state === "would_stop") {
    return `${report.tally.badRows} rows cannot be migrated: correct them in the old database, or leave them out with --skip-bad`;
  }
  if (isEqual(report.comparison)) return null;
  return report.isThere
    ? "the two databases differ, as the table says: was the old service still at work, or were log rows pruned since?"
    : "the numbers do not add up, as the table says: nothing was written";
}

/** For a person. */
export function textOf(report: Report): string {
  const { source, currency, timezone, asOf, tally, comparison, policies, seconds } = report;
  const lines = [
    stateText[report.state],
    `${source}, limits in ${currency}, periods of ${new Date(asOf).toISOString()} in ${timezone}; ${seconds.toFixed(1)} s`,
    tableOf(report),
    `orders known from the log: ${tally.orders}`,
  ];
  if (comparison.keysInUse > 0) {
    lines.push(
      `keys that this service has used: ${comparison.keysInUse}; they are left as they are`,
    );
  }
  for (const [code, { rows, amount }] of [...tally.otherCurrencies].sort()) {
    lines.push(
      `in ${code}: ${rows} log rows of ${amount} together; they are taken as log rows only`,
    );
  }
  for (const [oddity, count] of [...tally.oddities].sort()) {
    lines.push(`${count} ${oddityText[oddity] ?? oddity}`);
  }
  if (policies) {
    const { file, tiers, merchants } = policies;
    lines.push(`${tiers} tiers and the limits of ${merchants} merchants are in ${file}`);
  }
  if (tally.badRows > 0) lines.push(...badText(tally));
  return lines.join("\n");
}

/** For a program; amounts as exact integers in text. */
export function jsonOf(report: Report): string {
  const { tally, comparison } = report;
  return JSON.stringify({
    state: report.state,
    source: report.source,
    currency: report.currency,
    timezone: report.timezone,
    as_of: new Date(report.asOf).toISOString(),
    equal: isEqual(comparison),
    comparison: comparison.lines.map((line) => ({
      what: line.what,
      old: String(line.old),
      left_out: String(line.leftOut),
      here: String(line.here),
      difference: String(difference(line)),
    })),
    keys_in_use: comparison.keysInUse,
    orders: tally.orders,
    other_currencies: [...tally.otherCurrencies].sort().map(([code, { rows, amount }]) => ({
      currency: code,
      log_rows: Number(rows),
      amount: String(amount),
    })),
    oddities: Object.fromEntries([...tally.oddities].sort()),
    bad_rows: tally.badRows,
    bad_rows_named: tally.named,
    policies: report.policies,
    seconds: report.seconds,
  });
}

function tableOf({ comparison, isThere }: Report): string {
  const table = new Table({
    head: ["", "old service", "left out", isThere ? "here" : "would be here", "difference"],
    colAligns: ["left", "right", "right", "right", "right"],
    style: { head: [], border: [] },
    chars: { mid: "", "left-mid": "", "mid-mid": "", "right-mid": "" },
  });
  for (const line of comparison.lines) {
    table.push(
      [line.what, line.old, line.leftOut, line.here, difference(line)].map((cell) => String(cell)),
    );
  }
  return table.toString();
}

function badText({ badRows, named }: Tally): readonly string[] {
  const shown = named.slice(0, shownBadRowsMax);
  const rest = badRows - shown.length;
  return [
    `${badRows} rows cannot be migrated:`,
    ...shown.map(({ table, id, reason }) => `  ${table} ${JSON.stringify(id)}: ${reason}`),
    ...(rest > 0 ? [`  and ${rest} more; --json names up to 1,000`] : []),
  ];
}
