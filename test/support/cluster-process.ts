import type { ExecutionContext } from "ava";

import { shardOf } from "../../src/wire/placement.ts";
import { until } from "./node-clock.ts";
import { rawKey } from "./quota-builders.ts";
import {
  type Environment,
  postgresEnvironment,
  type ServiceProcess,
  startService,
} from "./service-process.ts";
import { type RealPostgres, realPostgres } from "./services.ts";
import { type RealNats, realNats } from "./services-nats.ts";
import { rowsOf } from "./database-rows.ts";

export const shardCount = 256;
const settledMaxMs = 90_000;

/** The shards of each node by its name; those of nobody under "". */
export type Owned = ReadonlyMap<string, readonly number[]>;

/** An edge and shard nodes, each a process, with a Postgres and a NATS of their own. */
export interface ProcessCluster {
  readonly edge: ServiceProcess;
  readonly nodes: ReadonlyMap<string, ServiceProcess>;
  readonly postgres: RealPostgres;
  readonly nats: RealNats;
  /** Starts a shard node, or starts it again, and waits until it is ready. */
  start(name: string, environment?: Environment): Promise<ServiceProcess>;
  rows(text: string): Promise<readonly Readonly<Record<string, unknown>>[]>;
  owned(): Promise<Owned>;
  /** An operator has a node emptied, or filled again. */
  setDraining(name: string, draining: boolean): Promise<void>;
  /** Resolves when these nodes own all shards, none more than one above another. */
  untilShared(...names: readonly string[]): Promise<Owned>;
}

/** @returns null, and loudly said, where this machine has no Postgres or no NATS */
export async function startCluster(
  t: ExecutionContext,
  names: readonly string[],
  environment: Environment,
): Promise<ProcessCluster | null> {
  const [postgres, nats] = [await realPostgres({ own: true }), await realNats({ own: true })];
  if ("skipped" in postgres || "skipped" in nats) {
    t.pass();
    return null;
  }
  t.teardown(() => Promise.all([postgres.stop(), nats.stop()]));
  const address = await postgres.newDatabase();
  const common = { ...postgresEnvironment(address), NATS_URL: nats.url, ...environment };
  const rows = (text: string) => rowsOf(address, text);
  const nodes = new Map<string, ServiceProcess>();
  const start = async (name: string, own: Environment = {}): Promise<ServiceProcess> => {
    const made = await startService(t, { ...common, ROLES: "shard", NODE_NAME: name, ...own });
    nodes.set(name, made);
    return made;
  };
  const owned = async (): Promise<Owned> => {
    const shards = new Map<string, number[]>();
    const text = `select shard, coalesce(node, '') as node from shards left join writers using (writer_id) order by 1`;
    for (const { shard, node } of await rows(text)) {
      shards.set(String(node), [...(shards.get(String(node)) ?? []), Number(shard)]);
    }
    return shards;
  };
  const setDraining = async (name: string, draining: boolean): Promise<void> => {
    await rows(
      `update leases set draining = ${String(draining)} from writers
       where writers.writer_id = leases.writer_id and node = '${name}' and closed_at is null`,
    );
  };
  const untilShared = async (...wanted: readonly string[]): Promise<Owned> => {
    let now: Owned = new Map();
    const isShared = async (): Promise<boolean> => {
      now = await owned();
      const counts = wanted.map((name) => now.get(name)?.length ?? 0);
      return now.size === wanted.length && Math.max(...counts) - Math.min(...counts) <= 1;
    };
    await until(`the shards are shared by ${wanted.join(", ")}`, isShared, settledMaxMs);
    return now;
  };
  const edge = startService(t, { ...common, ROLES: "edge", NODE_NAME: "edge-1" });
  await Promise.all([edge, ...names.map((name) => start(name))]);
  await untilShared(...names);
  return {
    edge: await edge,
    nodes,
    postgres,
    nats,
    start,
    rows,
    owned,
    setDraining,
    untilShared,
  };
}

/** So many merchants, each with its shard among these. */
export function merchantsOf(shards: readonly number[], count: number): readonly string[] {
  const wanted = new Set(shards);
  const merchants: string[] = [];
  for (let n = 0; merchants.length < count; n += 1) {
    if (wanted.has(shardOf(rawKey(`merchant-${n}`, "USD"), shardCount))) {
      merchants.push(`merchant-${n}`);
    }
  }
  return merchants;
}
