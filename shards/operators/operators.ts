import { createHash } from "node:crypto";

import type { Clock } from "../../src/platform/clock.ts";
import type { Database } from "../../src/platform/database.ts";
import type { JobLock } from "../../src/platform/lock.ts";
import {
  type ChangeBody,
  type Changed,
  type PlanBody,
  type Planned,
  type PlanReply,
  pinsMaxOf,
  waitMsOf,
  type WishNo,
} from "../../src/wire/http-cluster.ts";
import { type Cluster, readCluster } from "../ownership/cluster.ts";
import { carryOut } from "./carry-out.ts";
import { type Change, drain, move, pin, rebalance, undrain, unpin } from "./change.ts";
import { WishRefused } from "./checked.ts";
import { type Layout, spreadOf } from "./layout.ts";
import { underOperatorLock } from "./lock.ts";

const planCharacters = 32;

/** What operators do to the shards from elsewhere than this machine; `quotactl shards` does the same. */
export class Operators {
  readonly #database: Pick<Database, "reads" | "session">;
  readonly #clock: Clock;
  readonly #lock: JobLock;

  constructor(options: {
    readonly database: Pick<Database, "reads" | "session">;
    readonly clock: Clock;
    readonly lock: JobLock;
  }) {
    this.#database = options.database;
    this.#clock = options.clock;
    this.#lock = options.lock;
  }

  /** What a wish would do. Nothing is changed. */
  async plan(wish: PlanBody): Promise<Planned> {
    const cluster = await readCluster(this.#database.reads);
    const change = changeOf(wish, cluster);
    return "kind" in change ? change : { kind: "planned", reply: replyOf(cluster, change) };
  }

  /**
   * Does it, and waits until the shards have moved.
   * @param by who wishes it, for other operators
   * @param stop ends the waiting early
   */
  async change(wish: ChangeBody, by: string, stop: AbortSignal): Promise<Changed> {
    const { database, clock, lock } = {
      database: this.#database,
      clock: this.#clock,
      lock: this.#lock,
    };
    const session = database.session("jobs");
    const who = `${by} over HTTP: ${wish.action}`;
    const locked = await underOperatorLock({ lock, session }, who, async (): Promise<Changed> => {
      const cluster = await readCluster(database.reads);
      const change = changeOf(wish, cluster);
      if ("kind" in change) return change;
      const reply = replyOf(cluster, change);
      if (wish.plan !== undefined && wish.plan !== reply.plan) return { kind: "outdated" };
      if (change.isWished && change.moves.length === 0) {
        return { kind: "done", reply: { ...reply, ended: "idle", left: [], seconds: 0 } };
      }
      const terms = { waitMs: waitMsOf(wish), stop, onArrived: () => undefined };
      const { ended, left, ms } = await carryOut(change, terms, { database, clock });
      return {
        kind: "done",
        reply: { ...reply, ended, left: [...left], seconds: Math.round(ms) / 1_000 },
      };
    });
    return locked.kind === "done" ? locked.result : { kind: "occupied", message: locked.by };
  }
}

/** The fields that its action needs have been checked to be there. */
function changeOf(wish: PlanBody, cluster: Cluster): Change | WishNo {
  const { action, node = "", shard = -1 } = wish;
  try {
    switch (action) {
      case "drain":
        return drain(cluster, node);
      case "undrain":
        return undrain(cluster, node);
      case "move":
        return move(cluster, shard, node);
      case "pin":
        return pin(cluster, shard, node);
      case "unpin":
        return unpin(cluster, shard);
      case "rebalance":
        return rebalance(cluster, pinsMaxOf(wish));
    }
  } catch (error) {
    if (!(error instanceof WishRefused)) throw error;
    return { kind: "refused", field: error.field, message: error.message };
  }
}

function replyOf(before: Cluster, { title, moves, outcome, notes, isWished }: Change): PlanReply {
  const done = {
    title,
    moves: moves.map((each) => ({ ...each })),
    before: spreadListOf(before),
    after: spreadListOf(outcome),
    notes: [...notes],
    is_wished: isWished,
  };
  const plan = createHash("sha256").update(JSON.stringify(done)).digest("hex");
  return { ...done, plan: plan.slice(0, planCharacters) };
}

function spreadListOf(layout: Layout): { node: string; shards: number }[] {
  return [...spreadOf(layout)].map(([node, shards]) => ({ node, shards }));
}
