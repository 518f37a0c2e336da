import type { Key } from "../src/domain/ids.ts";
import { instant } from "../src/domain/instant.ts";
import type { Outcome } from "../src/domain/outcome.ts";
import type { Cancel, Clock } from "../src/platform/clock.ts";
import type { Message } from "../src/wire/message.ts";
import { shardOf } from "../src/wire/placement.ts";
import type { Log, Lookup } from "./ports.ts";
import type { Shard } from "./shard.ts";

/** How often holds that are due are looked for in memory; a turn of their key finds them at once anyway. */
const checkMs = 1_000;
/** Every so many of these checks, the tables are asked for due holds of keys that are not in memory. */
const storedEvery = 5;
/** Within it a key is woken, or the next check tries again. */
const deadlineMs = 10_000;

/** Wakes keys with holds that are due: their turns drop them, a bounded number in each. */
export class HoldWatch {
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #lookup: Lookup;
  readonly #shards: ReadonlyMap<number, Shard>;
  readonly #shardCount: number;
  readonly #ask: (shard: Shard, message: Message) => Promise<Outcome>;
  #checks = 0;
  #timer: Cancel | null = null;
  #stopped = false;

  constructor(options: {
    readonly clock: Clock;
    readonly log: Log;
    readonly lookup: Lookup;
    /** Of the node, by id; they come and go. */
    readonly shards: ReadonlyMap<number, Shard>;
    readonly shardCount: number;
    readonly ask: (shard: Shard, message: Message) => Promise<Outcome>;
  }) {
    this.#clock = options.clock;
    this.#log = options.log;
    this.#lookup = options.lookup;
    this.#shards = options.shards;
    this.#shardCount = options.shardCount;
    this.#ask = options.ask;
  }

  start(): void {
    if (this.#stopped) return;
    this.#timer = this.#clock.after(checkMs, () => {
      void this.#check().finally(() => {
        this.start();
      });
    });
  }

  stop(): void {
    this.#stopped = true;
    this.#timer?.();
  }

  async #check(): Promise<void> {
    this.#checks += 1;
    try {
      if (this.#checks % storedEvery === 0) await this.#wakeStored();
      let keys = this.#dueInMemory();
      while (keys.length > 0 && !this.#stopped) {
        await this.#wakeAll(keys);
        keys = this.#dueInMemory();
      }
    } catch (error) {
      this.#log.warn({ err: error }, "holds that are due could not be dropped, will be retried");
    }
  }

  #dueInMemory(): readonly Key[] {
    const now = this.#clock.now();
    return Array.from(this.#shards.values())
      .filter((shard) => !shard.sealed)
      .flatMap((shard) => shard.keysWithDueHolds(now));
  }

  async #wakeStored(): Promise<void> {
    const shards = [...this.#shards.keys()];
    await this.#wakeAll(await this.#lookup.keysWithDueHolds(shards, this.#clock.now()));
  }

  async #wakeAll(keys: readonly Key[]): Promise<void> {
    const deadline = instant(this.#clock.now() + deadlineMs);
    await Promise.all(
      keys.flatMap((key) => {
        const shard = this.#shards.get(shardOf(key, this.#shardCount));
        return shard && !shard.sealed
          ? [this.#ask(shard, { request: { kind: "get", key }, deadline })]
          : [];
      }),
    );
  }
}
