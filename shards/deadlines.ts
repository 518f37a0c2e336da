import type { Clock } from "../src/platform/clock.ts";
import { Fault } from "../src/wire/fault.ts";
import type { Shard } from "./shard.ts";
import type { Waiting } from "./waiting.ts";

/** How often requests past their deadline are looked for. */
const checkMs = 100;

/** Answers requests whose deadline has passed, wherever they wait. */
export class Deadlines {
  readonly #clock: Clock;
  #unanswered: Waiting[] = [];
  #closed = false;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#watch();
  }

  add(waiting: Waiting): void {
    this.#unanswered.push(waiting);
  }

  /** Drops a request that nobody waits for any more. @returns whether it needs no turn */
  drops(waiting: Waiting): boolean {
    if (waiting.state !== "waiting") return true;
    if (waiting.message.deadline > this.#clock.now()) return false;
    waiting.fail(overdue);
    return true;
  }

  /** Fails what had no turn yet of some shards. */
  turnAway(shards: readonly Shard[], fault: Fault): void {
    for (const waiting of this.#unanswered) {
      if (waiting.state === "waiting" && shards.includes(waiting.shard)) waiting.fail(fault);
    }
  }

  /** Fails all that had no turn. What was decided is still answered, or its deadline passes. */
  close(fault: Fault): void {
    this.#closed = true;
    for (const waiting of this.#unanswered) {
      if (waiting.state === "waiting") waiting.fail(fault);
    }
  }

  /** Requests arrive with about the same time to live, so the oldest are looked at first. */
  #watch(): void {
    this.#clock.after(checkMs, () => {
      const now = this.#clock.now();
      for (const waiting of this.#unanswered) {
        if (waiting.state === "answered" || waiting.message.deadline > now) continue;
        waiting.fail(waiting.state === "waiting" ? overdue : undecided);
      }
      this.#unanswered = this.#unanswered.filter(({ state }) => state !== "answered");
      if (!this.#closed || this.#unanswered.length > 0) this.#watch();
    });
  }
}

const overdue = new Fault("SHARD_UNAVAILABLE", "the deadline passed before the request was begun");
const undecided = new Fault(
  "OUTCOME_UNKNOWN",
  "the deadline passed while the commit was on its way",
);
