import type { Node } from "../shards/node.ts";
import type { Health } from "./edge/plugins/health.ts";
import type { Clock } from "./platform/clock.ts";
import type { Database, Statement } from "./platform/database.ts";
import { faultOf } from "./wire/fault.ts";

const ping: Statement = { name: "ping", text: "select 1 as one" };

/** How the parts of this process are: it is ready while it owns its writer's lease and the store answers. */
export async function healthOf(node: Node, database: Database, clock: Clock): Promise<Health> {
  const store = await storeHealth(database, clock);
  const { trouble } = node;
  const owner = { name: "owner", state: trouble === null ? "up" : "down" } as const;
  const detail = trouble ?? `${node.shardsOwned} shards`;
  return {
    ready: node.ready && store.state === "up",
    parts: [store, { ...owner, detail }],
  };
}

async function storeHealth(database: Database, clock: Clock): Promise<Health["parts"][number]> {
  const startedMs = clock.elapsedMs();
  const name = "store";
  try {
    await database.reads.run(ping);
    const latencyMs = Math.round((clock.elapsedMs() - startedMs) * 100) / 100;
    return { name, state: "up", latency_ms: latencyMs, detail: database.durability };
  } catch (error) {
    return { name, state: "down", detail: faultOf(error).message };
  }
}
