import type { Bus } from "../src/platform/bus.ts";
import { shardSubject } from "../src/wire/subject.ts";
import type { Inbox } from "./inbox.ts";
import type { OwnedShard } from "./ownership/cluster.ts";
import type { Shard } from "./shard.ts";

/** The shards of a tenure, each with its line on the bus. */
export class Served {
  readonly shards = new Map<number, Shard>();
  readonly #hangUp = new Map<number, () => void>();
  readonly #bus: Bus;
  readonly #inbox: Inbox;

  constructor(bus: Bus, inbox: Inbox) {
    this.#bus = bus;
    this.#inbox = inbox;
  }

  add(shard: Shard): void {
    this.shards.set(shard.id, shard);
    this.#hangUp.set(
      shard.id,
      this.#bus.serve(shardSubject(shard.id), (message) => this.#inbox.submit(shard, message)),
    );
  }

  /** A shard that is served and not owned, or in another epoch; null = there is none. */
  astray(owned: readonly OwnedShard[]): number | null {
    const epochs = new Map(owned.map(({ shard, epoch }) => [shard, epoch]));
    for (const { id, epoch } of this.shards.values()) if (epochs.get(id) !== epoch) return id;
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
    for (const hangUp of this.#hangUp.values()) hangUp();
    this.#hangUp.clear();
  }
}
