import { connect } from "@nats-io/transport-node";
import { request } from "undici";
import { Type } from "typebox";
import { Compile } from "typebox/compile";

import type { Config, DatabaseConfig } from "../../src/config.ts";
import type { Clock } from "../../src/platform/clock.ts";
import type { Database } from "../../src/platform/database.ts";
import { connectOptions } from "../../src/platform/nats-address.ts";
import { type GoneNode, type ListedNode, listGoneNodes } from "./node-list.ts";
import { openedRedis } from "./redis.ts";
import { type ClusterView, type ListedShard, viewCluster } from "./shard-list.ts";
import { counted, rangesText } from "./table.ts";

/** For a node to answer, and for NATS to be reached. */
const answerMaxMs = 2_000;

/** A part of the cluster, seen from here. */
export interface HealthPart {
  readonly name: string;
  /** degraded = callers are served all the same */
  readonly state: "up" | "degraded" | "down";
  readonly latency_ms: number | null;
  readonly detail: string;
}

type State = Pick<HealthPart, "state" | "detail">;

const nodeReply = Compile(
  Type.Object({
    parts: Type.Array(Type.Object({ name: Type.String(), detail: Type.Optional(Type.String()) })),
  }),
);

/** Asks every part that the settings lead to. Bounded in time; what does not answer is part of the answer. */
export async function clusterHealth(
  config: Config,
  database: Database,
  clock: Clock,
): Promise<readonly HealthPart[]> {
  const timed = async (name: string, ask: () => Promise<State>): Promise<HealthPart> => {
    const startedMs = clock.elapsedMs();
    const { state, detail } = await ask();
    const tookMs = Math.round((clock.elapsedMs() - startedMs) * 10) / 10;
    return { name, state, latency_ms: tookMs, detail };
  };
  const seen: (ClusterView & { readonly gone: readonly GoneNode[] })[] = [];
  const stores = await Promise.all([
    timed("postgres", async () => {
      try {
        const gone = await listGoneNodes(database.reads);
        seen.push({ ...(await viewCluster(database.reads)), gone });
        return { state: "up", detail: placeOf(config.database) };
      } catch (error) {
        return { state: "down", detail: reasonOf(error) };
      }
    }),
    timed("nats", () => natsState(config)),
    timed("redis", () => redisState(config, clock)),
  ]);
  const owners = seen.map(async ({ nodes, shards, gone }) => [
    { name: "shards", latency_ms: null, ...shardsState(shards) },
    ...(await Promise.all(nodes.map((node) => timed(`node ${node.name}`, () => nodeState(node))))),
    ...gone.map((node) => ({ name: `node ${node.name}`, latency_ms: null, ...goneState(node) })),
  ]);
  return [...stores, ...(await Promise.all(owners)).flat()];
}

/** The worst of the parts: whether callers are served. */
export function worstOf(parts: readonly HealthPart[]): HealthPart["state"] {
  const states = parts.map(({ state }) => state);
  if (states.includes("down")) return "down";
  return states.includes("degraded") ? "degraded" : "up";
}

/** Merchants of a shard without an owner are not served. */
export function shardsState(shards: readonly ListedShard[]): State {
  const ownerless = shards.filter(({ state }) => state !== "owned").map(({ shard }) => shard);
  if (ownerless.length > 0) {
    const which = `${rangesText(ownerless)}: without an owner who lives`;
    return { state: "down", detail: which };
  }
  const moving = shards.filter(({ owner, planned }) => owner !== planned);
  const detail = `${counted(shards.length, "shard")}, each with an owner`;
  if (moving.length === 0) return { state: "up", detail };
  return { state: "degraded", detail: `${detail}; ${moving.length} on the move` };
}

/** Whether it was wished that it goes, nobody here knows. */
function goneState({ goneAt }: GoneNode): State {
  const since = new Date(goneAt).toISOString();
  return { state: "degraded", detail: `gone since ${since}: stopped, or lost and recovered` };
}

function placeOf(database: DatabaseConfig): string {
  if (database.kind === "embedded") return `embedded, in ${database.folder}`;
  return `${database.host}:${database.port}/${database.name}`;
}

/** A node that is not ready is bad only for those whose shards it has. */
async function nodeState(node: ListedNode): Promise<State> {
  const { address, shards, lease_left_ms } = node;
  if (lease_left_ms <= 0) {
    return { state: "degraded", detail: "its lease has passed: others recover its writer" };
  }
  if (node.reachable === false) {
    return {
      state: "degraded",
      detail: "NATS does not reach it: others take its shards, where it reaches any",
    };
  }
  try {
    const answer = await request(`http://${address}/health/ready`, {
      signal: AbortSignal.timeout(answerMaxMs),
    });
    const body: unknown = await answer.body.json();
    if (answer.statusCode === 200) {
      return { state: "up", detail: `${counted(shards, "shard")} at ${address}` };
    }
    const parts = nodeReply.Check(body) ? body.parts : [];
    const detail = parts.find(({ name }) => name === "owner")?.detail ?? "it is not ready";
    return { state: shards > 0 ? "down" : "degraded", detail };
  } catch (error) {
    const reason = `${address} does not answer from here: ${reasonOf(error)}`;
    return {
      state: "degraded",
      detail: `its lease lives with ${counted(shards, "shard")}; ${reason}`,
    };
  }
}

async function natsState({ neighbours: { nats } }: Config): Promise<State> {
  if (nats === null) return { state: "up", detail: "NATS_URL is not set: one process does all" };
  try {
    const connection = await connect({
      ...connectOptions(nats.servers, "quotactl", answerMaxMs),
      timeout: answerMaxMs,
      reconnect: false,
    });
    const server = connection.getServer();
    await connection.close();
    return { state: "up", detail: server };
  } catch (error) {
    return { state: "down", detail: `edges reach no owner: ${reasonOf(error)}` };
  }
}

async function redisState(config: Config, clock: Clock): Promise<State> {
  const redis = await openedRedis(config, clock);
  if (redis === null) return { state: "up", detail: "REDIS_HOST is not set: nothing needs it" };
  const { trouble } = redis;
  redis.close();
  if (trouble === null) return { state: "up", detail: "it serves" };
  return { state: "degraded", detail: trouble };
}

function reasonOf(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(reasonOf).join("; ");
  return error instanceof Error ? error.message : String(error);
}
