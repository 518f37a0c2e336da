import { build, type Histogram } from "hdr-histogram-js";

const microsecondsMax = 600_000_000; // ten minutes; what took longer is counted as that

/** Milliseconds; NaN where nothing was recorded. */
export interface LatencySummary {
  readonly count: number;
  readonly mean: number;
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly p999: number;
  readonly p9999: number;
  readonly max: number;
}

/** Times in an HDR histogram: three digits of each are kept, however many are recorded. */
export class Latency {
  readonly #histogram: Histogram = build({
    lowestDiscernibleValue: 1,
    highestTrackableValue: microsecondsMax,
    numberOfSignificantValueDigits: 3,
    autoResize: false,
  });

  /** @param tookMs from the intended time of sending: then a generator that is held up hides nothing */
  record(tookMs: number): void {
    const microseconds = Math.round(tookMs * 1_000);
    this.#histogram.recordValue(Math.min(Math.max(microseconds, 0), microsecondsMax));
  }

  /** @param percentile 0 … 100 @returns milliseconds; NaN where nothing was recorded */
  at(percentile: number): number {
    if (this.#histogram.totalCount === 0) return Number.NaN;
    return this.#histogram.getValueAtPercentile(percentile) / 1_000;
  }

  summary(): LatencySummary {
    const { totalCount: count, mean, maxValue } = this.#histogram;
    return {
      count,
      mean: count === 0 ? Number.NaN : mean / 1_000,
      p50: this.at(50),
      p90: this.at(90),
      p99: this.at(99),
      p999: this.at(99.9),
      p9999: this.at(99.99),
      max: count === 0 ? Number.NaN : maxValue / 1_000,
    };
  }

  /** Forgets what was recorded. */
  clear(): void {
    this.#histogram.reset();
  }
}
