import type { Clock } from "../platform/clock.ts";
import type { Database, Statement } from "../platform/database.ts";
import { Fault, faultOf } from "../wire/fault.ts";
import type { Health } from "./plugins/health.ts";

/** The part of this process that owns shards, as far as its health goes. */
export interface Owner {
  readonly ready: boolean;
  /** Why it is not ready. */
  readonly trouble: string | null;
  readonly shardsOwned: number;
}

/** A part that the service does without while it is away. */
export interface Neighbour {
  readonly name: string;
  /** Why it is away; null = it is there. */
  readonly trouble: string | null;
}

/** An edge without shards of its own stands and falls with NATS, where the owners are. */
export function edgeAlone(nats: { readonly connected: boolean } | null): Owner {
  const connected = (): boolean => nats?.connected === true;
  return {
    get ready() {
      return connected();
    },
    get trouble() {
      return connected() ? null : "NATS is not connected: no owner can be asked";
    },
    shardsOwned: 0,
  };
}

/** A store that takes longer is as good as down: whoever probes waits no longer either. */
const pingMaxMs = 1_000;

const ping: Statement = { name: "ping", text: "select 1 as one" };

/** How the parts of this process are: it is ready while it owns its writer's lease and the store answers. */
export async function healthOf(
  owner: Owner,
  database: Database,
  clock: Clock,
  neighbours: readonly Neighbour[] = [],
): Promise<Health> {
  const store = await storeHealth(database, clock);
  const { ready, trouble, shardsOwned } = owner;
  const state = trouble === null ? "up" : "down";
  const detail = trouble ?? `${shardsOwned} shards`;
  const { replica } = database.listings;
  const around = replica === null ? neighbours : [{ name: "replica", ...replica }, ...neighbours];
  return {
    ready: ready && store.state === "up",
    parts: [store, { name: "owner", state, detail }, ...around.map(neighbourHealth)],
  };
}

function neighbourHealth({ name, trouble }: Neighbour): Health["parts"][number] {
  return trouble === null ? { name, state: "up" } : { name, state: "degraded", detail: trouble };
}

async function storeHealth(database: Database, clock: Clock): Promise<Health["parts"][number]> {
  const startedMs = clock.elapsedMs();
  const name = "store";
  try {
    // Where the lease is renewed: listings that fill the readers' pool do not make a process that commits look down.
    await within(clock, pingMaxMs, database.session("lease").run(ping));
    const latencyMs = Math.round((clock.elapsedMs() - startedMs) * 100) / 100;
    return { name, state: "up", latency_ms: latencyMs, detail: database.durability };
  } catch (error) {
    return { name, state: "down", detail: faultOf(error).message };
  }
}

function within<T>(clock: Clock, longestMs: number, work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const cancel = clock.after(longestMs, () => {
      reject(new Fault("SHARD_UNAVAILABLE", `no answer within ${longestMs} ms`));
    });
    work.then(resolve, reject).finally(cancel);
  });
}
