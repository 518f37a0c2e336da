import type { Key, KeyText } from "../src/domain/ids.ts";
import type { Instant } from "../src/domain/instant.ts";
import { Actor, type Surroundings } from "./actor.ts";
import type { Found } from "./ports.ts";

/** Clean actors looked at to find one to let go; all others are in use. */
const evictionTriesMax = 8;

/** A part of the keys, while this node owns it: the actors that are in memory. */
export class Shard {
  readonly id: number;
  /** Which ownership of the shard this is: raised at each change of owner. */
  readonly epoch: bigint;
  readonly #around: Surroundings;
  readonly #actorsMax: number;
  readonly #writtenSeq: () => number;
  readonly #actors = new Map<KeyText, Actor>();
  #sealed = false;
  /** Requests that were taken and are not answered yet. */
  #asked = 0;
  #idleWaiters: (() => void)[] = [];

  constructor(options: {
    readonly id: number;
    readonly epoch: bigint;
    readonly around: Surroundings;
    /** Actors kept at most, but for those whose facts are not in the tables yet. */
    readonly actorsMax: number;
    /** Up to which batch the tables are complete. */
    readonly writtenSeq: () => number;
  }) {
    this.id = options.id;
    this.epoch = options.epoch;
    this.#around = options.around;
    this.#actorsMax = options.actorsMax;
    this.#writtenSeq = options.writtenSeq;
  }

  /** It takes no more requests: it is about to be handed over. */
  get sealed(): boolean {
    return this.#sealed;
  }

  seal(): void {
    this.#sealed = true;
  }

  /** It stays after all. */
  unseal(): void {
    this.#sealed = false;
  }

  /** A request of it was taken. */
  asked(): void {
    this.#asked += 1;
  }

  /** A request of it was answered. */
  answered(): void {
    this.#asked -= 1;
    if (this.#asked > 0) return;
    for (const resolve of this.#idleWaiters.splice(0)) resolve();
  }

  /** Resolves when all that was taken is answered. */
  async idle(): Promise<void> {
    if (this.#asked === 0) return;
    await new Promise<void>((resolve) => {
      this.#idleWaiters.push(resolve);
    });
  }

  /** The last batch with an entry of one of its actors: when that is durable, all of it is. 0 = there is none. */
  get lastSeq(): number {
    let last = 0;
    for (const { lastSeq } of this.#actors.values()) last = Math.max(last, lastSeq);
    return last;
  }

  get actors(): Iterable<Actor> {
    return this.#actors.values();
  }

  get resident(): number {
    return this.#actors.size;
  }

  /** The key's actor, if it is in memory; a turn of a key that is not needs its rows first. */
  residentActor(key: Key): Actor | undefined {
    return this.#actors.get(key.text);
  }

  /** The key's actor. @param found what the tables have of it, for one that is not in memory */
  wake(key: Key, { keys, limits }: Pick<Found, "keys" | "limits">): Actor {
    const known = this.#actors.get(key.text);
    if (known) return known;
    const stored = { key: keys.get(key.text), limits: limits.get(key.text) };
    const actor = new Actor(key, this.id, stored, this.#around);
    this.#actors.set(key.text, actor);
    return actor;
  }

  /** Fetches the limits of a merchant's keys in memory anew. @param currency null = of all currencies */
  limitsChanged(merchantId: string, currency: string | null): void {
    for (const { key, limits } of this.#actors.values()) {
      if (key.merchantId !== merchantId) continue;
      if (currency === null || key.currency === currency) void limits.refresh();
    }
  }

  keysWithDueHolds(now: Instant): readonly Key[] {
    return Array.from(this.#actors.values())
      .filter((actor) => actor.hasDueHold(now))
      .map((actor) => actor.key);
  }

  /**
   * Passivates actors that are idle and clean: the tables have all they know. One that had a turn since it was last
   * looked at is spared once. Never within a round: its turns rely on the actors that were resident when it was
   * gathered.
   */
  trim(): void {
    let tries = 0;
    for (const [text, actor] of this.#actors) {
      if (this.#actors.size <= this.#actorsMax || tries >= evictionTriesMax) return;
      tries += 1;
      const spared = actor.spareOnce() || actor.lastSeq > this.#writtenSeq();
      this.#actors.delete(text);
      if (spared) this.#actors.set(text, actor);
    }
  }
}
