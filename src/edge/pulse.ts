import { type Outcome, outcomeName } from "../domain/outcome.ts";
import type { Cancel, Clock } from "../platform/clock.ts";
import { faultOf } from "../wire/fault.ts";
import type { Beat } from "../wire/http-console.ts";
import type { Ask, Message } from "../wire/message.ts";

const beatMs = 1_000;
/** Who may watch at once; then `watch` refuses. */
const watchersMax = 32;
/** Answers that are timed in one beat; further ones are counted only. */
const timedMax = 5_000;

type Watcher = (beat: Beat) => void;

/** Counts and times what an edge asks the owners, second by second, while somebody watches. Else it costs nothing. */
export class Pulse {
  readonly #clock: Clock;
  readonly #watchers = new Set<Watcher>();
  #counts = new Map<string, number>();
  #timesMs: number[] = [];
  #beganMs = 0;
  #stop: Cancel = () => undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The same question, counted. */
  counting(ask: Ask): Ask {
    return (request, trace, deadline) => {
      const asked = ask(request, trace, deadline);
      const { kind } = request;
      if (this.#watchers.size > 0 && kind !== "get" && kind !== "refresh") {
        this.#time(kind, asked);
      }
      return asked;
    };
  }

  /**
   * Tells of every second from now on.
   * @returns how to stop; undefined = as many watch already as may
   */
  watch(watcher: Watcher): Cancel | undefined {
    if (this.#watchers.size >= watchersMax) return undefined;
    this.#watchers.add(watcher);
    if (this.#watchers.size === 1) this.#begin();
    return () => {
      this.#watchers.delete(watcher);
      if (this.#watchers.size === 0) this.#stop();
    };
  }

  #time(action: Message["request"]["kind"], asked: Promise<Outcome>): void {
    const startedMs = this.#clock.elapsedMs();
    const done = (outcome: string): void => {
      const name = `${action} ${outcome}`;
      this.#counts.set(name, (this.#counts.get(name) ?? 0) + 1);
      if (this.#timesMs.length < timedMax) {
        this.#timesMs.push(this.#clock.elapsedMs() - startedMs);
      }
    };
    asked.then(
      (outcome) => {
        done(outcomeName(outcome));
      },
      (error: unknown) => {
        done(faultOf(error).code);
      },
    );
  }

  #begin(): void {
    this.#counts = new Map();
    this.#timesMs = [];
    this.#beganMs = this.#clock.elapsedMs();
    this.#stop = this.#clock.after(beatMs, () => {
      const beat = this.#beat();
      this.#begin();
      for (const watcher of this.#watchers) watcher(beat);
    });
  }

  #beat(): Beat {
    const timesMs = this.#timesMs.toSorted((a, b) => a - b);
    return {
      at: new Date(this.#clock.now()).toISOString(),
      seconds: (this.#clock.elapsedMs() - this.#beganMs) / 1_000,
      operations: [...this.#counts].map(([name, count]) => {
        const [action = "", outcome = ""] = name.split(" ");
        return { action, outcome, count };
      }),
      latency_ms:
        timesMs.length === 0 ? null : { p50: share(timesMs, 0.5), p99: share(timesMs, 0.99) },
    };
  }
}

/** The least of the times within which this share of the answers came, in ms to the hundredth. */
function share(sortedMs: readonly number[], part: number): number {
  const ms = sortedMs[Math.ceil(sortedMs.length * part) - 1] ?? 0;
  return Math.round(ms * 100) / 100;
}
