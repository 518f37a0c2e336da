import type { Config } from "../../src/config.ts";
import type { Instant } from "../../src/domain/instant.ts";
import { calendarAt } from "../../src/domain/period.ts";
import type { Clock } from "../../src/platform/clock.ts";
import type { Database } from "../../src/platform/database.ts";
import { applyMigrations } from "../../src/platform/migrations.ts";
import { defaultLimits } from "../../shards/limits/default.ts";
import { PastCalendar } from "./calendar.ts";
import { compare } from "./compare.ts";
import { Feed } from "./feed.ts";
import { assertSameCourse, beginMark, findMark, hasTables, type Mark } from "./mark.ts";
import type { Plan } from "./past-key.ts";
import { exportPolicies } from "./policy.ts";
import { type Progress, progressOf, type Screen } from "../progress.ts";
import type { Report } from "./report.ts";
import { type Source, withSource } from "./source.ts";
import { Tally } from "./tally.ts";
import { walkMerchant } from "./walk.ts";
import { assertNobodyServes, makePartitions, writeAll } from "./write.ts";

/** Rows of the check after which progress is told. */
const rowsOfCheck = 5_000;

/** What the operator asked for. */
export interface Wish {
  readonly from: string;
  readonly currency: string;
  /** false = look, and write nothing. */
  readonly isApply: boolean;
  readonly skipBad: boolean;
  /** null = now, or the moment of the migration that was begun. */
  readonly asOf: Instant | null;
  readonly exportPolicies: string | null;
  readonly batchRows: number;
}

/** Where the migration runs. */
export interface Surroundings {
  readonly config: Pick<Config, "zone" | "shardCount" | "defaults">;
  readonly target: Database;
  readonly clock: Clock;
  readonly screen: Screen;
}

/**
 * Takes the old service's data over:
 *
 *     check (all is read and mapped) ─▶ write, in rounds behind a mark ─▶ compare
 *           └──▶ stops before anything is written, if a row cannot be mapped
 *
 * A dry run leaves the middle out. A migration that is finished is only checked and compared again.
 * @throws Error saying what to do, when it may not run; Fault when a database says no
 */
export function migrateLegacy(wish: Wish, where: Surroundings): Promise<Report> {
  const startedMs = where.clock.elapsedMs();
  return withSource(wish.from, async (source) => {
    const { config, target, clock } = where;
    const begun = await findMark(target);
    const asOf = wish.asOf ?? begun?.asOf ?? clock.now();
    const course = {
      source: source.name,
      currency: wish.currency,
      timezone: config.zone,
      asOf,
    };
    if (begun !== null) assertSameCourse(begun, course);
    const plan = planOf(wish, config, asOf);
    const willWrite = wish.isApply && begun?.isFinished !== true;
    if (willWrite) await makeReady(target, plan.shardCount);
    const tally = await check(source, plan, where);
    const mayWrite = tally.badRows === 0 || wish.skipBad;
    const policies =
      wish.exportPolicies === null
        ? null
        : await exportPolicies(source, wish.currency, wish.exportPolicies);
    if (willWrite && mayWrite) {
      await makePartitions(target, tally.months);
      await write(source, plan, await beginMark(target, course), wish.batchRows, where);
    }
    const isThere = wish.isApply ? mayWrite : begun?.isFinished === true;
    const comparison = await compare(source, plan, tally, { target, isThere });
    return {
      ...course,
      state: stateOf(wish, begun, mayWrite),
      isThere,
      tally,
      comparison,
      policies,
      seconds: (clock.elapsedMs() - startedMs) / 1_000,
    };
  });
}

/** Before the long check: whoever has to stop the service first wants to know it now. */
async function makeReady(target: Database, shardCount: number): Promise<void> {
  const nobodyServes = (): Promise<void> =>
    target.transaction((session) => assertNobodyServes(session, shardCount));
  // A node that is at work must not find its tables changed either.
  if (await hasTables(target)) await nobodyServes();
  await applyMigrations(target);
  await nobodyServes();
}

function stateOf(wish: Wish, begun: Mark | null, mayWrite: boolean): Report["state"] {
  if (begun?.isFinished === true) return "was_done";
  if (!mayWrite) return wish.isApply ? "stopped" : "would_stop";
  if (!wish.isApply) return "dry_run";
  return begun === null ? "done" : "done_in_parts";
}

async function check(source: Source, plan: Plan, where: Surroundings): Promise<Tally> {
  const progress = shown(where, "checking", source);
  const tally = new Tally();
  try {
    const feed = await Feed.open(source.session, null);
    let rows = 0;
    for (;;) {
      const merchant = await walkMerchant(feed, plan, tally, () => Promise.resolve());
      if (merchant === null) break;
      rows += merchant.limitRows + merchant.logRows;
      if (rows < rowsOfCheck) continue;
      progress.add(rows);
      rows = 0;
    }
    progress.add(rows);
    await feed.close();
  } finally {
    progress.end();
  }
  return tally;
}

async function write(
  source: Source,
  plan: Plan,
  mark: Mark,
  batchRows: number,
  where: Surroundings,
): Promise<void> {
  const progress = shown(where, "writing", source);
  try {
    const feed = await Feed.open(source.session, mark.lastMerchantId);
    const onRows = (rows: number): void => {
      progress.add(rows);
    };
    await writeAll({ target: where.target, feed, plan, mark, batchRows, onRows });
    await feed.close();
  } finally {
    progress.end();
  }
}

function shown({ screen, clock }: Surroundings, part: string, source: Source): Progress {
  const total = Number(source.merchants + source.logRows);
  return progressOf(screen, clock, { name: part, total, unit: "rows" });
}

function planOf(wish: Wish, config: Surroundings["config"], asOf: Instant): Plan {
  return {
    currency: wish.currency,
    shardCount: config.shardCount,
    calendar: calendarAt(asOf, config.zone),
    past: new PastCalendar(config.zone),
    asOf,
    limits: defaultLimits(config.defaults, config.zone),
  };
}
