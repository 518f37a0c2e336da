import { type Swept, sweepResets } from "../../shards/jobs/reset-sweep.ts";
import type { Instant } from "../../src/domain/instant.ts";
import type { Database, Purpose, Row } from "../../src/platform/database.ts";
import { harness, logInto } from "./node-harness.ts";
import { at, consume, key, limits } from "./quota-builders.ts";
import { rowsOf } from "./store-contract.ts";

/** When merchants took something, and the days after, when nobody has used them since. */
export const sunday = at("2026-11-22T12:00:00Z");
export const monday = at("2026-11-23T12:00:00Z");
export const tuesday = at("2026-11-24T12:00:00Z");

interface Wanted {
  readonly now: Instant;
  readonly said?: string[];
  /** Another one = another connection: a sweep of another node. */
  readonly purpose?: Purpose;
}

export function sweep(
  database: Database,
  { now, said = [], purpose = "jobs" }: Wanted,
): Promise<Swept> {
  const session = database.session(purpose);
  return sweepResets({ session, log: logInto(said), now, signal: new AbortController().signal });
}

export function quotas(database: Database): Promise<readonly Row[]> {
  return rowsOf(database, "select * from merchant_quotas order by quota_key");
}

/** The entries of sweeps. */
export function resets(database: Database): Promise<readonly Row[]> {
  return rowsOf(
    database,
    `select * from quota_usage_logs_live where action_type = 'reset' and operator_type = 'system'
     order by merchant_id, created_at`,
  );
}

/** Merchants who took 40 at a time, in a zone; nothing waits in the journal any more. */
export async function used(
  database: Database,
  merchants: readonly string[],
  when: Instant,
  zone = "UTC",
): Promise<void> {
  const inForce = limits({ daily: 1_000n, zone });
  const { node, ask } = harness(database, { beginsAt: when, limits: inForce });
  await node.start();
  await Promise.all(
    merchants.map((merchant) => ask({ ...consume("A-1", 40n), key: key(merchant) })),
  );
  await node.stop();
}

/** So many keys, as copies of one that took 40 on Sunday. */
export async function usedByMany(database: Database, count: number): Promise<void> {
  await used(database, ["M-0"], sunday);
  await rowsOf(
    database,
    `insert into merchant_quotas
     select made.* from merchant_quotas as quota, generate_series(1, $1::int) as n,
     json_populate_record(quota, json_build_object('quota_key', 'M-' || n || ' USD', 'merchant_id', 'M-' || n)) as made`,
    [count - 1],
  );
}
