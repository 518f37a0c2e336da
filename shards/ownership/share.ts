import type { Clock } from "../../src/platform/clock.ts";
import type { Session } from "../../src/platform/database.ts";
import { faultOf } from "../../src/wire/fault.ts";
import type { Announcer, Log, Meter } from "../ports.ts";
import {
  type Cluster,
  keep,
  type LiveNode,
  type OwnedShard,
  readCluster,
  readOwned,
  takeFree,
} from "./cluster.ts";
import { type Giver, handOver, type Move, Unsure } from "./handover.ts";
import { type Plan, planOf } from "./plan.ts";
import { drainLease } from "./sql.ts";

/** Shards that a node gives up between two looks, so that a node that joins is not met by all at once. */
const movesOfRoundMax = 16;
/** A free shard waits for its planned node for this part of a lease; then it is whose that is there. */
const planWaitOfLease = 0.5;

/** After a hand-over that failed none is begun for this part of a lease: its shards are served in between. */
const restOfLease = 0.5;
/** Giving everything up takes so long at most; what is left is set free. */
const leaveAllMs = 10_000;

/** Whoever serves what the node owns, under one writer. */
export interface Owner extends Giver {
  /** Serves all that the writer owns. */
  take(owned: readonly OwnedShard[]): void;
}

interface Around {
  readonly session: Session;
  /** Idle when tables have just been written: a hand-over waits for no look and no renewal. */
  readonly givingSession: Session;
  readonly clock: Clock;
  readonly log: Log;
  readonly meter: Pick<Meter, "handedOver">;
  readonly announcer: Announcer;
  readonly leaseMs: number;
  /** Told when it is time to look again, sooner than usual. */
  readonly onDue: () => void;
}

/**
 * A writer's share of the shards: it takes what is free and planned for its node, and hands over what is planned for
 * others.
 *
 * Invariant: what is owned is read and served only while nothing is being handed over, and once it is settled what
 * became of the last handing over. Otherwise a shard could be served again that has just been given away.
 */
export class Share {
  readonly #owner: Owner;
  readonly #around: Around;
  #giving: Promise<boolean> | null = null;
  #isAnnounced = false;
  /** It was to look while it was giving. */
  #lookIsDue = false;
  #unsure: readonly number[] = [];
  /** Free shards, by when they were first seen free. */
  #freeSinceMs: ReadonlyMap<number, number> = new Map();
  /** No hand-over is begun before. */
  #restsUntilMs = -Infinity;
  #draining = false;
  #planned = 0;

  constructor(owner: Owner, around: Around) {
    this.#owner = owner;
    this.#around = around;
  }

  /** Its shards are to go to others. */
  get draining(): boolean {
    return this.#draining;
  }

  /** By plan it owns nothing: there are more nodes than shards, or all are pinned elsewhere. */
  get standsBy(): boolean {
    return this.#planned === 0 && !this.#draining;
  }

  /**
   * Looks at the cluster: takes what is due to the node, and begins to hand over what is due to others, a bounded
   * number. It does nothing while the last handing over is on its way.
   * @throws Fault
   */
  async look(): Promise<void> {
    if (this.#giving) {
      this.#lookIsDue = true;
      return;
    }
    const moves = await this.#settle();
    if (moves.length === 0 || this.#around.clock.elapsedMs() < this.#restsUntilMs) return;
    this.#giving = this.#giveAll(moves).finally(() => {
      this.#giving = null;
      if (this.#lookIsDue) this.#around.onDue();
      this.#lookIsDue = false;
    });
  }

  /** The node was told of shards that are its own now. */
  announced(): void {
    this.#isAnnounced = true;
  }

  /** Serves what was announced, before anything else is looked at. @throws Fault */
  async welcome(): Promise<void> {
    if (!this.#isAnnounced || this.#giving || this.#unsure.length > 0) return;
    this.#isAnnounced = false;
    const { writer } = this.#owner;
    this.#owner.take(await readOwned(this.#around.session, writer));
  }

  /**
   * Hands everything over to those that live, until nothing is left or the time is over.
   * @param renewed prolongs the lease; false = the writer is lost
   * @throws Fault
   */
  async leave(renewed: () => Promise<boolean>): Promise<void> {
    const { clock, session } = this.#around;
    const startedMs = clock.elapsedMs();
    await this.#giving;
    await session.run(drainLease, [this.#owner.writer.writerId]);
    while (clock.elapsedMs() - startedMs < leaveAllMs && (await renewed())) {
      const moves = await this.#settle();
      if (moves.length === 0 || !(await this.#giveAll(moves))) return;
    }
  }

  /** Takes what is due, and serves what is owned. @returns what is to be handed over next */
  async #settle(): Promise<readonly Move[]> {
    const { session } = this.#around;
    const { writer } = this.#owner;
    if (this.#unsure.length > 0) await keep(session, writer, this.#unsure);
    this.#unsure = [];
    const cluster = await readCluster(session);
    const plan = planOf(cluster.nodes, cluster.shards);
    const me = cluster.nodes.find(({ writerId }) => writerId === writer.writerId);
    const due = me ? this.#dueTo(me, cluster, plan) : [];
    this.#owner.take(
      due.length > 0
        ? await takeFree(session, writer, due)
        : cluster.shards.filter(({ writerId }) => writerId === writer.writerId),
    );
    if (!me) return [];
    this.#draining = me.draining;
    this.#planned = [...plan.values()].filter((name) => name === me.name).length;
    return movesFrom(me, cluster, plan);
  }

  /** Free shards that are planned for it, and those that their planned node leaves lying about. */
  #dueTo(me: LiveNode, { shards }: Cluster, plan: Plan): readonly number[] {
    const nowMs = this.#around.clock.elapsedMs();
    const patienceMs = this.#around.leaseMs * planWaitOfLease;
    const free = shards.filter(({ writerId }) => writerId === null);
    this.#freeSinceMs = new Map(
      free.map(({ shard }) => [shard, this.#freeSinceMs.get(shard) ?? nowMs]),
    );
    return free
      .map(({ shard }) => shard)
      .filter((shard) => {
        const waitedMs = nowMs - (this.#freeSinceMs.get(shard) ?? nowMs);
        return plan.get(shard) === me.name || (waitedMs >= patienceMs && !me.draining);
      });
  }

  /** @returns whether all moved; what did not is served on, or asked about at the next look */
  async #giveAll(moves: readonly Move[]): Promise<boolean> {
    const { clock, leaseMs, log } = this.#around;
    for (const move of moves) {
      try {
        const session = this.#around.givingSession;
        const handed = await handOver(this.#owner, move, { ...this.#around, session });
        log.info({ to: move.to.name, ...handed }, "shards handed over");
      } catch (error) {
        this.#restsUntilMs = clock.elapsedMs() + leaseMs * restOfLease;
        if (error instanceof Unsure) this.#unsure = error.shards;
        const { message } = faultOf(error instanceof Unsure ? error.cause : error);
        log.warn({ to: move.to.name, reason: message }, "shards could not be handed over");
        return false;
      }
    }
    return true;
  }
}

/** What a node owns and others should, some at a time, by who is to get it. */
function movesFrom(me: LiveNode, { nodes, shards }: Cluster, plan: Plan): readonly Move[] {
  const leaving = shards
    .filter(({ shard, writerId }) => writerId === me.writerId && plan.get(shard) !== me.name)
    .slice(0, movesOfRoundMax);
  return nodes
    .map((to) => ({
      to,
      shards: leaving.map(({ shard }) => shard).filter((shard) => plan.get(shard) === to.name),
    }))
    .filter((move) => move.shards.length > 0);
}
