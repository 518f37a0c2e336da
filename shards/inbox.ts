import type { Key, KeyText } from "../src/domain/ids.ts";
import type { Order } from "../src/domain/order.ts";
import type { Outcome } from "../src/domain/outcome.ts";
import type { Clock } from "../src/platform/clock.ts";
import { loopTime } from "../src/platform/loop-time.ts";
import type { Tracer } from "../src/platform/tracer.ts";
import { Fault, faultOf } from "../src/wire/fault.ts";
import type { Message } from "../src/wire/message.ts";
import type { Actor } from "./actor.ts";
import { Deadlines } from "./deadlines.ts";
import type { Door } from "./door.ts";
import { HeldBack } from "./held-back.ts";
import { ownedRequest } from "./owned-request.ts";
import type { Lookup, Meter } from "./ports.ts";
import { fetchFor, nothingFound, nothingHappened, type Round, roundMax } from "./round.ts";
import type { Shard } from "./shard.ts";
import type { Shelf } from "./shelf.ts";
import type { Journal } from "./store/journal.ts";
import { Waiting } from "./waiting.ts";

/**
 * Everything that asks a node's shards, first in, first out: gathers what waits, fetches what its turns need in one
 * round trip, runs the turns, and answers each when what it saw is durable. While a round's commit is on its way the
 * next round is gathered and fetched.
 */
export class Inbox {
  readonly #clock: Clock;
  readonly #arrivalMs: () => number;
  readonly #lookup: Lookup;
  readonly #shelf: Shelf;
  readonly #journal: Journal;
  readonly #meter: Meter;
  readonly #tracer: Pick<Tracer, "owned"> | null;
  readonly #door: Door;
  readonly #room: () => Promise<void> | null;
  readonly #hindrance: () => Fault | null;
  readonly #onBug: (error: unknown) => void;
  readonly #heldBack = new HeldBack(() => {
    this.#begin();
  });
  #waiting: Waiting[] = [];
  readonly #deadlines: Deadlines;
  /** Requests that were taken and are not answered yet. */
  #outstanding = 0;
  #running = false;
  #closed: Fault | null = null;

  constructor(options: {
    readonly clock: Clock;
    readonly lookup: Lookup;
    readonly shelf: Shelf;
    readonly journal: Journal;
    readonly meter: Meter;
    /** null = tracing is off. */
    readonly tracer: Pick<Tracer, "owned"> | null;
    readonly door: Door;
    /** Resolves when there is room for another round; null = there is. */
    readonly room: () => Promise<void> | null;
    /** Why the node cannot take turns now; null when it can. */
    readonly hindrance: () => Fault | null;
    readonly onBug: (error: unknown) => void;
  }) {
    this.#clock = options.clock;
    this.#arrivalMs = loopTime(options.clock);
    this.#lookup = options.lookup;
    this.#shelf = options.shelf;
    this.#journal = options.journal;
    this.#meter = options.meter;
    this.#tracer = options.tracer;
    this.#door = options.door;
    this.#room = options.room;
    this.#hindrance = options.hindrance;
    this.#onBug = options.onBug;
    this.#deadlines = new Deadlines(options.clock);
  }

  /** Asks a shard of this node. @throws Fault, see `Ask` */
  submit(shard: Shard, message: Message): Promise<Outcome> {
    const { kind } = message.request;
    if (this.#closed) return this.#turnedAway(kind, this.#closed);
    if (shard.sealed) return this.#turnedAway(kind, moving);
    const arrivedMs = this.#arrivalMs();
    if (this.#door.isShut(this.#outstanding, this.#waiting, arrivedMs)) {
      return this.#turnedAway(kind, overloaded);
    }
    this.#outstanding += 1;
    shard.asked();
    return new Promise((resolve, reject) => {
      const onEnd = (outcome: string): void => {
        this.#outstanding -= 1;
        shard.answered();
        this.#count(kind, outcome);
        if (this.#tracer) this.#trace(waiting, outcome, this.#tracer);
      };
      const waiting: Waiting = new Waiting({ shard, message, arrivedMs, onEnd, resolve, reject });
      this.#waiting.push(waiting);
      this.#deadlines.add(waiting);
      this.#begin();
    });
  }

  /** Resolves when every request that was taken has had its turn. */
  async idle(): Promise<void> {
    while (this.#running || !this.#heldBack.isEmpty)
      await new Promise<void>((resolve) => this.#clock.after(1, resolve));
  }

  /**
   * Resolves when all that sealed shards have decided is answered. What has had no turn is asked to come again: its
   * look-up and its commit would make everybody wait, and the new owner answers it sooner.
   */
  async emptied(shards: readonly Shard[]): Promise<void> {
    this.#deadlines.turnAway(shards, moving);
    await Promise.all(shards.map((shard) => shard.idle()));
  }

  /** Answers everything with a fault, now and from now on. What was decided is answered by the journal. */
  close(fault: Fault): void {
    this.#closed ??= fault;
    this.#waiting = [];
    this.#deadlines.close(fault);
  }

  #begin(): void {
    if (this.#running) return;
    this.#running = true;
    this.#clock.soon(() => {
      void this.#run();
    });
  }

  async #run(): Promise<void> {
    try {
      while (this.#waiting.length > 0 || this.#heldBack.hasDue) await this.#round();
    } catch (error) {
      this.#onBug(error);
    } finally {
      this.#running = false;
    }
  }

  async #round(): Promise<void> {
    await this.#room();
    const round = this.#gather();
    if (this.#failsAll(round.due, this.#hindrance())) return;
    try {
      round.found = await fetchFor(round, this.#lookup);
    } catch (error) {
      this.#failsAll(round.due, nothingHappened(error));
      return;
    }
    if (this.#failsAll(round.due, this.#hindrance())) return;
    const fromMs = this.#clock.elapsedMs();
    this.#takeTurns(round);
    this.#meter.turnsTaken((this.#clock.elapsedMs() - fromMs) / 1_000);
    this.#journal.flush();
    for (const { shard } of round.due) shard.trim();
  }

  /** What the batch has no room for goes back to the head of the line, and is looked up anew. */
  #takeTurns(round: Round): void {
    for (const [n, waiting] of round.due.entries()) {
      if (this.#journal.isFull) {
        this.#waiting = [...round.due.slice(n), ...this.#waiting];
        return;
      }
      this.#turn(waiting, round);
    }
  }

  #gather(): Round {
    if (this.#heldBack.hasDue) this.#waiting.unshift(...this.#heldBack.release());
    const due = this.#waiting
      .splice(0, roundMax)
      .filter((waiting) => !this.#deadlines.drops(waiting));
    if (this.#waiting.length === 0) this.#door.cleared(this.#clock.elapsedMs());
    const coldKeys = new Map<KeyText, Key>();
    const orders = new Map<string, Order | undefined>();
    for (const waiting of due) {
      const { shard, message, orderKey } = waiting;
      const { key } = message.request;
      waiting.actor = shard.residentActor(key);
      if (!waiting.actor) coldKeys.set(key.text, key);
      if (orderKey !== null) orders.set(orderKey, this.#shelf.get(orderKey));
    }
    return { due, coldKeys, orders, found: nothingFound };
  }

  #turn(waiting: Waiting, { coldKeys, orders, found }: Round): void {
    const { shard, message, orderKey } = waiting;
    if (waiting.state !== "waiting") return;
    const { key } = message.request;
    if (!waiting.actor && !coldKeys.has(key.text)) {
      throw new Error("a cold key was not looked up");
    }
    try {
      const orderNow = () =>
        orderKey === null
          ? undefined
          : (this.#shelf.get(orderKey) ?? orders.get(orderKey) ?? found.orders.get(orderKey));
      const actor = waiting.actor ?? shard.wake(key, found);
      if (this.#heldBack.takes(waiting, actor.limits.first)) return;
      if (message.request.kind === "refresh" && !waiting.refreshed) {
        this.#refresh(waiting, actor);
        return;
      }
      const fromMs = this.#clock.elapsedMs();
      this.#meter.queueWaited((fromMs - waiting.arrivedMs) / 1_000);
      const outcome = actor.turn(message.request, orderNow);
      if (this.#tracer) waiting.turned = { fromMs, untilMs: this.#clock.elapsedMs() };
      waiting.decided();
      this.#journal.whenDurable(actor.lastSeq, (failed) => {
        if (failed) waiting.fail(faultOf(failed));
        else waiting.answer(outcome);
      });
    } catch (error) {
      waiting.fail(faultOf(error));
      if (!(error instanceof Fault)) throw error;
    }
  }

  #trace(waiting: Waiting, outcome: string, tracer: Pick<Tracer, "owned">): void {
    const { lastCommit } = this.#journal;
    const owned = ownedRequest(waiting, outcome, lastCommit, this.#clock.elapsedMs());
    if (owned) tracer.owned(owned);
  }

  /** It gets its turn once the limits have come, or have not: turns of others go on meanwhile. */
  #refresh(waiting: Waiting, actor: Actor): void {
    waiting.refreshed = true;
    void actor.limits.refresh().then(() => {
      this.#waiting.push(waiting);
      this.#begin();
    });
  }

  #failsAll(round: readonly Waiting[], fault: Fault | null): boolean {
    if (fault) for (const waiting of round) waiting.fail(fault);
    return fault !== null;
  }

  #turnedAway(kind: Message["request"]["kind"], fault: Fault): Promise<never> {
    this.#count(kind, fault.code);
    return Promise.reject(fault);
  }

  #count(kind: Message["request"]["kind"], outcome: string): void {
    if (kind !== "get" && kind !== "refresh") this.#meter.operation(kind, outcome);
  }
}

const moving = new Fault("SHARD_UNAVAILABLE", "the shard is moving");
const overloaded = new Fault("OVERLOADED", "too many requests are waiting");
