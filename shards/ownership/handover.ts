import type { Clock } from "../../src/platform/clock.ts";
import type { Session } from "../../src/platform/database.ts";
import type { Announcer, Meter } from "../ports.ts";
import { give, type LiveNode, type OwnedShard } from "./cluster.ts";
import type { Writer } from "./writer.ts";

/** Who serves the shards until they are handed over. */
export interface Giver {
  readonly writer: Writer;
  /** @throws Fault */
  catchUp(): Promise<void>;
  /** @throws Fault when they are served on */
  leave(shards: readonly number[]): Promise<readonly OwnedShard[]>;
}

/** Shards of one node that are to be another's. */
export interface Move {
  readonly to: LiveNode;
  readonly shards: readonly number[];
}

/** They were left, and nobody can say whether they were handed over. */
export class Unsure extends Error {
  readonly shards: readonly number[];

  constructor(shards: readonly number[], cause: unknown) {
    super("nobody can say whether the shards were handed over", { cause });
    this.shards = shards;
  }
}

/**
 * Hands shards over from a node that lives to another one.
 *
 *     served ──▶ sealed ──▶ answered ──▶ in the tables ──▶ forgotten ──▶ the other's in Postgres ──▶ announced
 *        ▲          └───────────┴── a fault ───┘               └──── unsure: asked again before anything else
 *        └───────────────────────────┘
 *
 * The pause is measured from the sealing to the other's owning them. The other begins when it hears of it, or at its
 * next look.
 * @returns how many moved, to that node or to nobody because it was closed meanwhile, and their pause
 * @throws Unsure; Fault when nothing moved and all are served on
 */
export async function handOver(
  giver: Giver,
  { to, shards }: Move,
  around: {
    readonly session: Session;
    readonly clock: Clock;
    readonly meter: Pick<Meter, "handedOver">;
    readonly announcer: Announcer;
  },
): Promise<{ readonly shards: number; readonly pauseMs: number }> {
  const { session, clock, meter, announcer } = around;
  // What can be written before the shards are sealed need not be written while they are.
  await giver.catchUp();
  const sealedMs = clock.elapsedMs();
  const left = await giver.leave(shards);
  let owners;
  try {
    owners = await give(session, giver.writer, to, left);
  } catch (error) {
    throw new Unsure(shards, error);
  }
  const pauseMs = clock.elapsedMs() - sealedMs;
  const moved: number[] = [];
  const freed: number[] = [];
  for (const [shard, owner] of owners) {
    meter.handedOver(pauseMs / 1_000);
    (owner === null ? freed : moved).push(shard);
  }
  if (moved.length > 0) announcer.moved(moved, to.name);
  if (freed.length > 0) announcer.moved(freed, null);
  return { shards: owners.size, pauseMs: Math.round(pauseMs) };
}
