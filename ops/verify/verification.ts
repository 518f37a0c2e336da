import type { Clock } from "../../src/platform/clock.ts";
import type { Database, Session } from "../../src/platform/database.ts";
import { momentOrNull } from "../../shards/store/row.ts";
import { type Progress, progressOf, type Screen } from "../progress.ts";
import { Findings } from "./findings.ts";
import { verifyHistory } from "./history.ts";
import type { LogStart } from "./key-replay.ts";
import { type Slice, slicesOf } from "./slice.ts";
import { verifyTables } from "./table-check.ts";
import { openSnapshot, whatThereIs } from "./snapshot-sql.ts";

/** While one is replayed here, Postgres sorts the next. */
const slicesAtOnce = 2;

/** What came of a verification. */
export interface Verified {
  readonly findings: Findings;
  readonly shards: { readonly from: number; readonly to: number };
  readonly start: LogStart;
  readonly seconds: number;
}

export interface VerificationOptions {
  readonly database: Database;
  readonly clock: Clock;
  /** Where progress is shown. */
  readonly screen: Screen;
  /** All before it are left out: they were verified by a run that was interrupted. */
  readonly fromShard: number;
}

/**
 * Verifies the tables, beside running nodes or without any.
 *
 * The shards are taken in slices of about 2,000,000 entries, two at a time. Of a slice, the replay of the log and the sums of the
 * tables run side by side, each in a snapshot of its own: a picture of tables and journal as they stood at one moment,
 * in which the live views are complete, since every commit and every checkpoint is one transaction. A key is in one
 * slice and compared within one snapshot, so nothing that goes on meanwhile can look like a mismatch.
 * @throws Error when the database is not one of this service; Fault when Postgres does not let it
 */
export async function verify(options: VerificationOptions): Promise<Verified> {
  const { database, clock, screen, fromShard } = options;
  const startedMs = clock.elapsedMs();
  const findings = new Findings();
  const { start, lastShard, slices } = await inSnapshot(database, async (session) => {
    const there = await readWhatThereIs(session);
    return { ...there, slices: await slicesOf(session, fromShard, there.lastShard) };
  });
  const entries = slices.reduce((sum, slice) => sum + slice.entries, 0);
  const progress = progressOf(screen, clock, { name: "log", total: entries, unit: "rows" });
  const whole = new Set<Slice>();
  const onWhole = (slice: Slice): void => {
    whole.add(slice);
    const next = slices.find((each) => !whole.has(each));
    if (next === undefined || next === said) return;
    said = next;
    screen.write(
      `shards ${fromShard} to ${next.from - 1} are verified; --from-shard ${next.from} goes on from here\n`,
    );
  };
  let said = slices[0];
  try {
    await eachOf(slices, slicesAtOnce, async (slice) => {
      await verifySlice(options, slice, start, findings, progress);
      onWhole(slice);
    });
  } finally {
    progress.end();
  }
  const seconds = (clock.elapsedMs() - startedMs) / 1_000;
  return { findings, shards: { from: fromShard, to: lastShard }, start, seconds };
}

async function verifySlice(
  { database }: VerificationOptions,
  slice: Slice,
  start: LogStart,
  findings: Findings,
  progress: Progress,
): Promise<void> {
  const onEntries = (entries: number): void => {
    progress.add(entries);
  };
  const outcomes = await Promise.allSettled([
    inSnapshot(database, (session) =>
      verifyHistory({ session, slice, start, findings, onEntries }),
    ),
    inSnapshot(database, (session) => verifyTables({ session, slice, start, findings })),
  ]);
  for (const outcome of outcomes) {
    if (outcome.status === "rejected") throw outcome.reason;
  }
}

/** Does something with each in their order, so many at a time. @throws what the first that failed threw, once none is under way */
async function eachOf<T>(
  all: readonly T[],
  atOnce: number,
  run: (one: T) => Promise<void>,
): Promise<void> {
  const left = [...all];
  const worker = async (): Promise<void> => {
    try {
      for (let one = left.shift(); one !== undefined; one = left.shift()) await run(one);
    } catch (error) {
      left.length = 0;
      throw error;
    }
  };
  const outcomes = await Promise.allSettled(Array.from({ length: atOnce }, worker));
  for (const outcome of outcomes) if (outcome.status === "rejected") throw outcome.reason;
}

/** Lets a body read one picture of the database, however long it takes. */
function inSnapshot<T>(database: Database, body: (session: Session) => Promise<T>): Promise<T> {
  return database.transaction(async (session) => {
    for (const statement of openSnapshot) await session.run(statement);
    return body(session);
  });
}

async function readWhatThereIs(
  session: Session,
): Promise<{ readonly start: LogStart; readonly lastShard: number }> {
  const [row] = await session.run(whatThereIs);
  const shards = Number(row?.["shards"] ?? 0);
  if (row === undefined || shards === 0) {
    throw new Error("no node has ever served this database: there is nothing to verify");
  }
  const keptFrom = momentOrNull(row, "kept_from");
  const migratedAt = momentOrNull(row, "migrated_at");
  return { start: { keptFrom, migratedAt }, lastShard: shards - 1 };
}
