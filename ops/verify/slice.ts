import type { Session, Statement } from "../../src/platform/database.ts";

/** Shards that are verified together, in one snapshot: enough entries for a sort to be worth it, few enough to fit. */
export interface Slice {
  readonly from: number;
  readonly to: number;
  readonly entries: number;
}

/** Entries of a slice, give or take a shard: sorted they take some 600 MB of temporary files. */
export const sliceEntriesMax = 2_000_000;

const entriesByShard: Statement = {
  name: "verify_entries_by_shard",
  text: "select shard, count(*) as entries from quota_usage_logs group by shard order by shard",
};

/**
 * The shards from one on, in slices; those without an entry lie in the slice of the next that has some, or the last.
 * @param fromShard all before it are left out
 * @param lastShard the highest there is
 */
export async function slicesOf(
  session: Session,
  fromShard: number,
  lastShard: number,
): Promise<readonly Slice[]> {
  const rows = await session.run(entriesByShard);
  const counted = rows.map((row) => ({
    shard: Number(row["shard"]),
    entries: Number(row["entries"]),
  }));
  return cut(counted, fromShard, lastShard);
}

/** @param counted in the order of shards */
export function cut(
  counted: readonly { readonly shard: number; readonly entries: number }[],
  fromShard: number,
  lastShard: number,
): readonly Slice[] {
  const slices: Slice[] = [];
  let from = fromShard;
  let entries = 0;
  for (const each of counted) {
    if (each.shard < fromShard || each.shard > lastShard) continue;
    entries += each.entries;
    if (entries < sliceEntriesMax || each.shard === lastShard) continue;
    slices.push({ from, to: each.shard, entries });
    from = each.shard + 1;
    entries = 0;
  }
  return [...slices, { from, to: lastShard, entries }];
}
