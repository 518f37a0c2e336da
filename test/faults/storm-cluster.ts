import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

import type { ExecutionContext } from "ava";

import { type SmallDisk, smallDisk } from "../support/fault-disk.ts";
import { until } from "../support/node-clock.ts";
import {
  type Environment,
  postgresEnvironment,
  type ServiceProcess,
  startService,
} from "../support/service-process.ts";
import { type PostgresAddress, type RealPostgres, realPostgres } from "../support/services.ts";
import { type RealNats, realNats } from "../support/services-nats.ts";
import { type RealRedis, realRedis } from "../support/services-redis.ts";
import { onDisk } from "../support/stores.ts";
import { clear, type TcpProxy, tcpProxy } from "../support/tcp-proxy.ts";
import { rowsOf } from "../support/database-rows.ts";

export const edgeNames = ["edge-1", "edge-2"] as const;
export const shardNames = ["shard-1", "shard-2", "shard-3"] as const;
export const neighbours = ["nats", "postgres", "redis"] as const;
export type Neighbour = (typeof neighbours)[number];

/** Clocks of machines never agree quite: by so much each is wrong while nothing happens to it. */
const usualSkewMs: Readonly<Record<string, number>> = { "edge-1": -200, "shard-1": 150 };
const diskMegabytes = 640;
const wellMaxMs = 90_000;

/** One process of the cluster, and its ways to the servers. */
export interface Member {
  readonly name: string;
  /** Of the process that runs now, or ran last. */
  process(): ServiceProcess;
  /** Starts it again and waits until it is ready. */
  start(): Promise<void>;
  readonly ways: Readonly<Record<Neighbour, TcpProxy>>;
  /** Its clock is wrong by so much, or as usual. */
  readonly skew: (byMs: number | "as usual") => void;
}

/** Two edges and three shard nodes on a Postgres, a NATS and a Redis of their own, each server behind proxies. */
export interface StormCluster {
  readonly members: ReadonlyMap<string, Member>;
  readonly postgres: RealPostgres;
  readonly nats: RealNats;
  readonly redis: RealRedis;
  /** That Postgres' files are on. */
  readonly disk: SmallDisk;
  /** Of the service, without a proxy. */
  readonly address: PostgresAddress;
  rows(text: string): Promise<readonly Readonly<Record<string, unknown>>[]>;
  /** Resolves when every process can serve and the shard nodes share all shards. */
  untilWell(): Promise<void>;
}

/** @returns null, and loudly said, where this machine lacks something */
export async function startStormCluster(
  t: ExecutionContext,
  environment: Environment,
): Promise<StormCluster | null> {
  const disk = smallDisk(t, diskMegabytes);
  if ("skipped" in disk) return null;
  const postgres = await onDisk(disk.folder, () => realPostgres({ own: true }));
  const [nats, redis] = [await realNats({ own: true }), await realRedis({ own: true })];
  if ("skipped" in postgres || "skipped" in nats || "skipped" in redis) return null;
  t.teardown(() => Promise.all([postgres.stop(), nats.stop(), redis.stop()]));
  const address = await postgres.newDatabase();
  const ports: Readonly<Record<Neighbour, number>> = {
    nats: Number(new URL(nats.url).port),
    postgres: address.port,
    redis: redis.port,
  };
  const begin = (name: string): Promise<Member> =>
    startMember(t, name, ports, {
      ...postgresEnvironment(address),
      REDIS_HOST: redis.host,
      REDIS_PASSWORD: redis.password ?? "",
      ...environment,
    });
  const members = new Map<string, Member>();
  // The first alone: it makes the tables.
  for (const names of [shardNames.slice(0, 1), [...shardNames.slice(1), ...edgeNames]]) {
    for (const member of await Promise.all(names.map(begin))) members.set(member.name, member);
  }
  const rows = (text: string) => rowsOf(address, text);
  const cluster = { members, postgres, nats, redis, disk, address, rows };
  return { ...cluster, untilWell: () => untilWell([...members.values()], rows) };
}

async function startMember(
  t: ExecutionContext,
  name: string,
  ports: Readonly<Record<Neighbour, number>>,
  environment: Environment,
): Promise<Member> {
  const ways = {
    nats: await tcpProxy(t, ports.nats),
    postgres: await tcpProxy(t, ports.postgres),
    redis: await tcpProxy(t, ports.redis),
  };
  const skewFile = newSkewFile(t);
  const skew = (byMs: number | "as usual"): void => {
    writeFileSync(skewFile, String(byMs === "as usual" ? (usualSkewMs[name] ?? 0) : byMs));
  };
  skew("as usual");
  const start = (): Promise<ServiceProcess> =>
    startService(t, {
      ...environment,
      ROLES: name.startsWith("edge") ? "edge" : "shard",
      NODE_NAME: name,
      DB_PORT: String(ways.postgres.port),
      REDIS_PORT: String(ways.redis.port),
      NATS_URL: `nats://127.0.0.1:${ways.nats.port}`,
      NODE_OPTIONS: `--import=${pathToFileURL(join(import.meta.dirname, "skewed-clock.js")).href}`,
      SKEW_FILE: skewFile,
    });
  let running = await start();
  return {
    name,
    ways,
    skew,
    process: () => running,
    start: async () => {
      running = await start();
    },
  };
}

function newSkewFile(t: ExecutionContext): string {
  const folder = mkdtempSync(join(tmpdir(), "quota-skew-"));
  t.teardown(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  return join(folder, "skew");
}

async function untilWell(members: readonly Member[], rows: StormCluster["rows"]): Promise<void> {
  for (const member of members) {
    await until(`${member.name} is ready`, () => isReady(member), wellMaxMs);
  }
  const shared = `
    select count(distinct node) filter (where node is not null) = ${shardNames.length}
      and bool_and(node is not null) as is_shared
    from shards left join writers using (writer_id)`;
  await until(
    "the shards are shared",
    async () => (await rows(shared))[0]?.["is_shared"] === true,
    wellMaxMs,
  );
}

async function isReady(member: Member): Promise<boolean> {
  try {
    const { status } = await fetch(`${member.process().url}/health/ready`, {
      headers: { connection: "close" },
      signal: AbortSignal.timeout(2_000),
    });
    return status === 200;
  } catch {
    return false;
  }
}

/** As it was before anything happened: nothing is in anybody's way, and every clock is right or as wrong as usual. */
export function calm({ ways, skew }: Member): void {
  for (const neighbour of neighbours) ways[neighbour].turn(clear);
  skew("as usual");
}
