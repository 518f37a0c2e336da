import type { Bus } from "../src/platform/bus.ts";
import type { Cancel, Clock } from "../src/platform/clock.ts";
import { Fault } from "../src/wire/fault.ts";
import { shardSubject } from "../src/wire/subject.ts";
import type { Inbox } from "./inbox.ts";
import type { OwnedShard } from "./ownership/cluster.ts";
import type { Shard } from "./shard.ts";

interface Around {
  readonly bus: Bus;
  readonly clock: Clock;
  readonly leaseMs: number;
  /** Whether nobody may have closed the writer because NATS does not reach this node: what is heard there is answered. */
  readonly mayAnswer: () => boolean;
}

/**
 * The shards of a tenure, each with its line on the bus.
 *
 * Invariant: a line is open while the lease lasts. Past it another node may serve the same shard and hear the same
 * request, and an answer from here that nothing has happened would not be true.
 */
export class Served {
  readonly shards = new Map<number, Shard>();
  readonly #hangUp = new Map<number, () => void>();
  readonly #around: Around;
  readonly #inbox: Inbox;
  readonly #holdsLease: () => boolean;
  #cancelEnd: Cancel = () => undefined;

  /** @param holdsLease whether nobody else can serve them now */
  constructor(around: Around, inbox: Inbox, holdsLease: () => boolean) {
    this.#around = around;
    this.#inbox = inbox;
    this.#holdsLease = holdsLease;
  }

  add(shard: Shard): void {
    this.shards.set(shard.id, shard);
    this.#pickUp(shard);
  }

  /** The lease was prolonged at this moment of the monotonic clock: what was hung up at its end is served again. */
  leased(fromMs: number): void {
    this.#endAt(fromMs + this.#around.leaseMs);
    for (const shard of this.shards.values()) {
      if (!this.#hangUp.has(shard.id)) this.#pickUp(shard);
    }
  }

  /**
   * Why what is served is not the writer's any more; null = it is. A writer that is closed loses all of it at once; one
   * that is open loses a shard, or its epoch, by its own hand alone.
   */
  astray(owned: readonly OwnedShard[]): Fault | null {
    const epochs = new Map(owned.map(({ shard, epoch }) => [shard, epoch]));
    for (const { id, epoch } of this.shards.values()) {
      if (epochs.get(id) === epoch) continue;
      return owned.length === 0
        ? new Fault("SHARD_UNAVAILABLE", "the writer was closed by another node")
        : new Fault("INTERNAL", `shard ${id} was taken from a writer that is open`);
    }
    return null;
  }

  /** Forgets a shard and all its actors. */
  remove(id: number): void {
    this.shards.delete(id);
    this.#hangUp.get(id)?.();
    this.#hangUp.delete(id);
  }

  /** Hears no more requests. */
  hangUp(): void {
    this.#cancelEnd();
    for (const hangUp of this.#hangUp.values()) hangUp();
    this.#hangUp.clear();
  }

  #endAt(endMs: number): void {
    const { clock } = this.#around;
    this.#cancelEnd();
    this.#cancelEnd = clock.after(Math.max(endMs - clock.elapsedMs(), 1), () => {
      if (this.#holdsLease()) this.#endAt(endMs);
      else this.hangUp();
    });
  }

  #pickUp(shard: Shard): void {
    const hear = this.#inbox.submit.bind(this.#inbox, shard);
    const owns = (): boolean => this.#holdsLease() && this.#around.mayAnswer();
    const hangUp = this.#around.bus.serve(shardSubject(shard.id), hear, owns);
    this.#hangUp.set(shard.id, hangUp);
  }
}
