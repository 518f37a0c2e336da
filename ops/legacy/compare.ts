import type { Database, Row } from "../../src/platform/database.ts";
import { declareLimits, closeLimits, fetchLimits } from "./source-sql.ts";
import { migratedVersion, type Plan, runningCounters } from "./past-key.ts";
import { legacyOperator, type LegacyLimits, limitsFrom, summand } from "./row.ts";
import { type Source, sumOf } from "./source.ts";
import { hasTables } from "./mark.ts";
import { limitColumns, type LimitColumn, type Sum, type Tally } from "./tally.ts";
import { logsHere, quotasHere } from "./target-sql.ts";

/** One number on both sides: what the old service has = what is here + what was left out on purpose. */
export interface Compared {
  readonly what: string;
  readonly old: bigint;
  readonly leftOut: bigint;
  readonly here: bigint;
}

/** What the two databases have to be equal in. */
export interface Comparison {
  readonly lines: readonly Compared[];
  /** Keys that this service has used since, or before: they are as it left them. */
  readonly keysInUse: number;
}

/** What is not accounted for; zero = equal. */
export function difference({ old, leftOut, here }: Compared): bigint {
  return old - leftOut - here;
}

export function isEqual({ lines }: Comparison): boolean {
  return lines.every((line) => difference(line) === 0n);
}

/** This service's side. */
interface Here {
  readonly target: Database;
  /** false = it is not migrated yet: what would be here is taken for what is. */
  readonly isThere: boolean;
}

export async function compare(
  source: Source,
  plan: Plan,
  tally: Tally,
  here: Here,
): Promise<Comparison> {
  const { lines, keysInUse } = await compareLimits(source, plan, here);
  return { lines: [...lines, ...(await compareLogs(source, tally, here))], keysInUse };
}

type Totals = Record<LimitColumn | "merchants", bigint>;

function noTotals(): Totals {
  return {
    merchants: 0n,
    daily_used: 0n,
    monthly_used: 0n,
    pending_amount: 0n,
    refunded_today: 0n,
  };
}

/** Merchant by merchant: sums alone would not show two that were mixed up. */
async function compareLimits(
  source: Source,
  plan: Plan,
  { target, isThere }: Here,
): Promise<Comparison> {
  const leftOut = noTotals();
  const here = noTotals();
  let keysInUse = 0;
  let unlike = 0n;
  const hasQuotas = await hasTables(target);
  await source.session.run(declareLimits, [null]);
  for (;;) {
    const rows = await source.session.run(fetchLimits);
    if (rows.length === 0) break;
    const found = hasQuotas ? await quotasOf(target, rows, plan) : noQuotas;
    for (const row of rows) {
      const limits = limitsFrom(row);
      const stored = found.get(`${String(row["merchant_id"])} ${plan.currency}`);
      const isInUse = stored !== undefined && !isAsMigrated(stored);
      if (isInUse) keysInUse += 1;
      if (limits.kind === "bad" || isInUse) {
        leftOut.merchants += 1n;
        for (const column of limitColumns) leftOut[column] += summand(row, column);
        continue;
      }
      const wanted = migratedAmounts(limits.value, plan);
      if (isThere && stored === undefined) continue;
      if (stored && limitColumns.some((column) => summandHere(stored, column) !== wanted[column])) {
        unlike += 1n;
      }
      here.merchants += 1n;
      for (const column of limitColumns) {
        leftOut[column] += summand(row, column) - wanted[column];
        here[column] += stored ? summandHere(stored, column) : wanted[column];
      }
    }
  }
  await source.session.run(closeLimits);
  const old: Totals = { merchants: source.merchants, ...source.amounts };
  const lines: Compared[] = (["merchants", ...limitColumns] as const).map((what) => ({
    what,
    old: old[what],
    leftOut: leftOut[what],
    here: here[what],
  }));
  lines.push({ what: "merchants with other amounts", old: 0n, leftOut: 0n, here: unlike });
  return { lines, keysInUse };
}

/** What of a merchant's amounts belongs to periods that are running. */
function migratedAmounts(limits: LegacyLimits, plan: Plan): Readonly<Record<LimitColumn, bigint>> {
  const isRunning = runningCounters(limits, plan.asOf);
  return {
    daily_used: isRunning.daily ? limits.used.daily : 0n,
    monthly_used: isRunning.monthly ? limits.used.monthly : 0n,
    pending_amount: limits.pending,
    refunded_today: isRunning.daily ? limits.refundedToday : 0n,
  };
}

type Quotas = ReadonlyMap<unknown, Row>;
const noQuotas: Quotas = new Map();

async function quotasOf(
  target: Database,
  rows: readonly Row[],
  { currency }: Plan,
): Promise<Quotas> {
  const keys = rows.map((row) => `${String(row["merchant_id"])} ${currency}`);
  const found = await target.reads.run(quotasHere, [keys]);
  return new Map(found.map((row) => [row["quota_key"], row]));
}

/** Whether the row is the migration's, and nothing has changed it since. */
function isAsMigrated(stored: Row): boolean {
  return (
    stored["version"] === BigInt(migratedVersion) && stored["last_updated_by"] === legacyOperator
  );
}

function summandHere(stored: Row, column: LimitColumn): bigint {
  return BigInt(String(stored[column]));
}

async function compareLogs(
  source: Source,
  tally: Tally,
  { target, isThere }: Here,
): Promise<readonly Compared[]> {
  const here = isThere ? await logsOf(target) : tally.logs;
  const actions = new Set([...source.logs.keys(), ...here.keys()]);
  return [...actions].sort().flatMap((action) => {
    const sums = [source.logs, tally.badLogs, here].map(
      (side): Sum => side.get(action) ?? { rows: 0n, amount: 0n },
    );
    const line = (what: string, of: (sum: Sum) => bigint): Compared => {
      const [old = 0n, leftOut = 0n, there = 0n] = sums.map(of);
      return { what, old, leftOut, here: there };
    };
    const name = action === "" ? "(no action)" : action;
    return [
      line(`${name}: log rows`, (sum) => sum.rows),
      line(`${name}: amount`, (sum) => sum.amount),
    ];
  });
}

async function logsOf(target: Database): Promise<ReadonlyMap<string, Sum>> {
  const rows = await target.reads.run(logsHere, [legacyOperator]);
  return new Map(rows.map((row) => [String(row["action"]), sumOf(row)]));
}
