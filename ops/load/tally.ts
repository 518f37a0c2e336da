import type { Met } from "./driver.ts";
import { Latency, type LatencySummary } from "./latency.ts";
import type { Outcome } from "./ledger.ts";

/** Operations by what came of them. */
export type Outcomes = Readonly<Record<Outcome, number>>;

/** One second of a run. */
export interface Second {
  readonly second: number;
  readonly outcomes: Outcomes;
  /** Milliseconds; NaN when nothing was answered. */
  readonly p50: number;
  readonly p99: number;
}

const none: Outcomes = { applied: 0, refused: 0, unknown: 0 };
/** Where the curve of the report is read: closer and closer to all. */
const percentiles = [0, 25, 50, 75, 90, 95, 99, 99.5, 99.9, 99.95, 99.99, 99.999, 100];

/** Counts what a run meets, whole and by the second. */
export class Tally {
  #calls = 0;
  #outcomes: Outcomes = none;
  #ofSecond: Outcomes = none;
  readonly #codes = new Map<string, number>();
  readonly #latency = new Latency();
  readonly #serviceTime = new Latency();
  readonly #latencyOfSecond = new Latency();
  readonly #seconds: Second[] = [];

  /**
   * @param latencyMs from when the call was to be sent
   * @param serviceMs from when it was sent
   */
  add(mets: readonly Met[], latencyMs: number, serviceMs: number): void {
    this.#calls += 1;
    this.#latency.record(latencyMs);
    this.#serviceTime.record(serviceMs);
    this.#latencyOfSecond.record(latencyMs);
    for (const { outcome, code } of mets) {
      this.#outcomes = plusOne(this.#outcomes, outcome);
      this.#ofSecond = plusOne(this.#ofSecond, outcome);
      if (code !== null) this.#codes.set(code, (this.#codes.get(code) ?? 0) + 1);
    }
  }

  /** Closes the running second. */
  tick(): Second {
    const second: Second = {
      second: this.#seconds.length + 1,
      outcomes: this.#ofSecond,
      p50: this.#latencyOfSecond.at(50),
      p99: this.#latencyOfSecond.at(99),
    };
    this.#seconds.push(second);
    this.#ofSecond = none;
    this.#latencyOfSecond.clear();
    return second;
  }

  get calls(): number {
    return this.#calls;
  }

  get outcomes(): Outcomes {
    return this.#outcomes;
  }

  get seconds(): readonly Second[] {
    return this.#seconds;
  }

  /** How often each code was met, the most frequent first. */
  get codes(): ReadonlyMap<string, number> {
    return new Map([...this.#codes].sort(([, a], [, b]) => b - a));
  }

  get latency(): LatencySummary {
    return this.#latency.summary();
  }

  get serviceTime(): LatencySummary {
    return this.#serviceTime.summary();
  }

  /** Percentile and milliseconds. */
  get curve(): readonly (readonly [percentile: number, ms: number])[] {
    return percentiles.map((percentile) => [percentile, this.#latency.at(percentile)]);
  }
}

function plusOne(outcomes: Outcomes, outcome: Outcome): Outcomes {
  return { ...outcomes, [outcome]: outcomes[outcome] + 1 };
}
