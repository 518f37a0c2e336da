import type { Command, Question } from "../src/domain/command.ts";
import type { Key, KeyText } from "../src/domain/ids.ts";
import type { Instant } from "../src/domain/instant.ts";
import type { Order } from "../src/domain/order.ts";
import type { Outcome } from "../src/domain/outcome.ts";
import { Actor, type Surroundings } from "./actor.ts";
import type { StoredKey } from "./ports.ts";

/** Clean actors looked at to find one to let go; all others are in use. */
const evictionTriesMax = 8;

/** What was decided, and the batch that must be durable before it is said. */
export interface Answer {
  readonly outcome: Outcome;
  readonly seq: number;
}

/** A part of the keys, while this node owns it: the actors that are in memory, least recently used first. */
export class Shard {
  readonly id: number;
  /** Which ownership of the shard this is: raised at each change of owner. */
  readonly epoch: bigint;
  readonly #around: Surroundings;
  readonly #actorsMax: number;
  readonly #writtenSeq: () => number;
  readonly #actors = new Map<KeyText, Actor>();

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

  get actors(): Iterable<Actor> {
    return this.#actors.values();
  }

  get resident(): number {
    return this.#actors.size;
  }

  /** Whether a turn of the key needs its rows first. */
  isCold(key: Key): boolean {
    return !this.#actors.has(key.text);
  }

  /**
   * One turn of the key's actor.
   * @param orderNow what the command's order_no did before
   * @param stored what the tables have of a cold key
   */
  turn(
    request: Command | Question,
    orderNow: () => Order | undefined,
    stored: StoredKey | undefined,
  ): Answer {
    const actor = this.#wake(request.key, stored);
    const outcome = actor.turn(request, orderNow);
    return { outcome, seq: actor.lastSeq };
  }

  keysWithDueHolds(now: Instant): readonly Key[] {
    return Array.from(this.#actors.values())
      .filter((actor) => actor.hasDueHold(now))
      .map((actor) => actor.key);
  }

  #wake(key: Key, stored: StoredKey | undefined): Actor {
    const known = this.#actors.get(key.text);
    if (known) {
      this.#actors.delete(key.text);
      this.#actors.set(key.text, known);
      return known;
    }
    const actor = new Actor(key, this.id, stored, this.#around);
    this.#actors.set(key.text, actor);
    return actor;
  }

  /**
   * Passivates actors that are idle and clean: the tables have all they know. Never within a round: its turns rely on
   * the actors that were resident when it was gathered.
   */
  trim(): void {
    let tries = 0;
    for (const [text, actor] of this.#actors) {
      if (this.#actors.size <= this.#actorsMax || tries >= evictionTriesMax) return;
      tries += 1;
      if (actor.lastSeq <= this.#writtenSeq()) this.#actors.delete(text);
    }
  }
}
