import Table from "cli-table3";

import type { Findings } from "./findings.ts";
import type { Mismatch, MismatchKind, UncheckedKind } from "./mismatch.ts";
import type { Compared } from "./order-list.ts";
import type { Verified } from "./verification.ts";

/** Mismatches that the text names; up to 1,000 are in the JSON. */
const shownMax = 50;

const kindText: Readonly<Record<MismatchKind, string>> = {
  chain_broken: "places at which the chain of a key lacks an entry, or has one twice",
  entry_altered: "entries that are not as they were written",
  entry_unchained: "entries that no checkpoint has written",
  entries_missing: "changes that are not in the log",
  entry_doubled: "entries beside another of the same version",
  entry_discontinuous: "entries that do not begin where the one before ended",
  entry_differs: "entries whose sums are not what their action and amount make",
  quota_missing: "keys with changes in the log and no quota",
  quota_differs: "columns of quotas that do not come out of the log, or of the orders",
  order_missing: "orders that are in the log only",
  order_without_entries: "orders that the log does not know",
  order_differs: "columns of orders that are not what their entries add up to",
  alert_missing: "alerts that were raised and are not there",
  alert_differs: "alerts that are not as the change that raised them",
  order_unknown: "listed orders that are not here",
  order_unlike_list: "orders that are another here than in the list",
  order_not_listed: "orders here that the list does not have",
  order_listed_twice: "lines with an order that was listed before",
};

const uncheckedText: Readonly<Record<UncheckedKind, string>> = {
  entries_before_the_chain: "entries from before there was a chain: by their sums alone",
  entries_dropped_from_chains:
    "entries that were dropped as old: their chains are checked from the first that is left",
  keys_of_older_service:
    "keys that came from merchant-limit-service: counts, holds and refunds of the periods that ran then",
  keys_with_dropped_entries:
    "keys whose first entries were dropped as old: counts, holds and refunds of periods that began before, and what only those entries would show",
  keys_in_another_zone:
    "keys that were in another time zone: counts, holds and refunds of the periods of the move",
  orders_of_older_service: "orders that came from merchant-limit-service",
  orders_with_dropped_entries: "orders of days whose entries were dropped as old",
  alerts_of_dropped_entries: "alerts of changes whose entries were dropped as old",
  heads_of_dropped_entries: "kept heads of chains whose next entry was dropped as old",
};

/** What is printed, for a person or for a program. */
export interface Report {
  readonly text: string;
  /** Numbers that may be large are text. */
  readonly json: string;
  readonly isClean: boolean;
}

export function verifiedReport(verified: Verified): Report {
  const isClean = verified.findings.total === 0;
  return { text: verifiedText(verified), json: verifiedJson(verified), isClean };
}

/** The same for a list that was kept elsewhere. */
export function comparedReport({ what, findings, lines, seconds }: Compared): Report {
  const first = `compared ${lines} ${what} in ${seconds.toFixed(1)} s`;
  return {
    text: [first, ...uncheckedLines(findings), ...mismatchLines(findings)].join("\n"),
    json: JSON.stringify({ ...summary(findings), lines, named: findings.named, seconds }),
    isClean: findings.total === 0,
  };
}

function verifiedText({ findings, shards, start, seconds }: Verified): string {
  const { keys, entries, orders, alerts } = findings.checked;
  const perSecond = Math.round(entries / Math.max(seconds, 0.001));
  const lines = [
    `verified shards ${shards.from} to ${shards.to}: ${keys} keys, ${entries} log entries, ${orders} orders, ${alerts} alerts in ${seconds.toFixed(1)} s (${perSecond} entries/s)`,
  ];
  if (start.keptFrom !== null) {
    lines.push(`the log is kept from ${new Date(start.keptFrom).toISOString()} on`);
  }
  return [...lines, ...uncheckedLines(findings), ...mismatchLines(findings)].join("\n");
}

function uncheckedLines(findings: Findings): readonly string[] {
  return findings.unchecked.map(([kind, times]) => `not checked: ${times} ${uncheckedText[kind]}`);
}

function mismatchLines(findings: Findings): readonly string[] {
  if (findings.total === 0) return ["no mismatch"];
  const lines = findings.counts.map(([kind, times]) => `${times} ${kindText[kind]}`);
  lines.push(tableOf(findings.named.slice(0, shownMax)));
  const rest = findings.total - Math.min(findings.named.length, shownMax);
  return rest > 0 ? [...lines, `and ${rest} more; --json names up to 1,000`] : lines;
}

function summary(findings: Findings): object {
  return {
    clean: findings.total === 0,
    mismatches: findings.total,
    by_kind: Object.fromEntries(findings.counts),
    not_checked: Object.fromEntries(findings.unchecked),
  };
}

function verifiedJson({ findings, shards, start, seconds }: Verified): string {
  return JSON.stringify({
    ...summary(findings),
    shards,
    kept_from: start.keptFrom === null ? null : new Date(start.keptFrom).toISOString(),
    checked: findings.checked,
    named: findings.named,
    seconds,
  });
}

function tableOf(mismatches: readonly Mismatch[]): string {
  const table = new Table({
    head: ["Mismatch", "Key", "Order", "What", "Expected", "Found", "Entry or alert"],
    style: { head: [], border: [] },
    chars: { mid: "", "left-mid": "", "mid-mid": "", "right-mid": "" },
  });
  for (const { kind, key, order, what, expected, found, id } of mismatches) {
    table.push([kind, key, order ?? "", what, expected ?? "", found ?? "", id ?? ""]);
  }
  return table.toString();
}
