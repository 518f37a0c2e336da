import type { Key, KeyText } from "../../src/domain/ids.ts";
import type { Instant } from "../../src/domain/instant.ts";
import type { Cancel, Clock } from "../../src/platform/clock.ts";
import type { Session } from "../../src/platform/database.ts";
import { faultOf } from "../../src/wire/fault.ts";
import type { Log } from "../ports.ts";
import type { PolicyMemory } from "./ports.ts";
import { forgetLimits, rememberLimits } from "./sql.ts";

/** How long what was learnt waits for more, so that many keys are written at once. */
const gatherMs = 100;
/** The wait after a write that failed. */
const retryMs = 5_000;
/** Keys in one statement. */
const writtenMax = 1_000;
/** Keys that wait for their writing; over it the oldest is not kept over a restart until it changes again. */
const waitingMax = 100_000;

interface Learnt {
  readonly shard: number;
  /** null = there is no policy any more. */
  readonly text: string | null;
  readonly version: string | null;
  readonly at: Instant;
}

/** The policies last known, in the table quota_limits: written behind the turns, a set at a time. */
export class TableMemory implements PolicyMemory {
  readonly #session: Session;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #waiting = new Map<KeyText, Learnt>();
  #writing: Promise<void> | null = null;
  #timer: Cancel | null = null;

  constructor(options: { readonly session: Session; readonly clock: Clock; readonly log: Log }) {
    this.#session = options.session;
    this.#clock = options.clock;
    this.#log = options.log;
  }

  remember: PolicyMemory["remember"] = (key, shard, { policy, version, fetchedAt }) => {
    this.#note(key, { shard, text: policy, version, at: fetchedAt });
  };

  forget: PolicyMemory["forget"] = (key, knownAt) => {
    this.#note(key, { shard: 0, text: null, version: null, at: knownAt });
  };

  /** Writes what waits, once, and ends. */
  async stop(): Promise<void> {
    this.#timer?.();
    await this.#writing;
    try {
      while (this.#waiting.size > 0) await this.#write();
    } catch (error) {
      const { message } = faultOf(error);
      this.#log.warn(
        { reason: message, keys: this.#waiting.size },
        "limits last known are not kept",
      );
    }
  }

  #note(key: Key, learnt: Learnt): void {
    this.#waiting.delete(key.text);
    this.#waiting.set(key.text, learnt);
    if (this.#waiting.size > waitingMax) {
      const [oldest] = this.#waiting.keys();
      if (oldest !== undefined) this.#waiting.delete(oldest);
    }
    this.#timer ??= this.#clock.after(gatherMs, this.#round);
  }

  readonly #round = (): void => {
    this.#writing = this.#write()
      .then(
        () => gatherMs,
        (error: unknown) => {
          const { message } = faultOf(error);
          this.#log.warn({ reason: message }, "limits could not be kept, will be retried");
          return retryMs;
        },
      )
      .then((waitMs) => {
        this.#timer = this.#waiting.size > 0 ? this.#clock.after(waitMs, this.#round) : null;
      });
  };

  async #write(): Promise<void> {
    const some = [...this.#waiting].slice(0, writtenMax);
    const kept = some.filter(([, { text }]) => text !== null);
    const gone = some.filter(([, { text }]) => text === null);
    if (kept.length > 0) {
      await this.#session.run(rememberLimits, [
        kept.map(([key]) => key),
        kept.map(([, { shard }]) => shard),
        kept.map(([, { text }]) => text),
        kept.map(([, { version }]) => version),
        kept.map(([, { at }]) => new Date(at)),
      ]);
    }
    if (gone.length > 0) {
      const times = gone.map(([, { at }]) => new Date(at));
      await this.#session.run(forgetLimits, [gone.map(([key]) => key), times]);
    }
    // What was learnt of a key meanwhile waits for the next round.
    for (const [key, learnt] of some) {
      if (this.#waiting.get(key) === learnt) this.#waiting.delete(key);
    }
  }
}
