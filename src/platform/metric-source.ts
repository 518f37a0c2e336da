import type { Clock } from "./clock.ts";

/** A value that takes longer than this is left out. */
const sourceMaxMs = 500;

/**
 * What is asked when Prometheus asks: values that somebody else keeps. Each is optional; one that fails or takes longer
 * than half a second leaves its own gauge out and nothing else.
 */
export interface MetricSources {
  /** The highest only: the source bounds how many. `rate` 1 = all of the limit. */
  readonly usageRates?: () => Iterable<{ merchantId: string; currency: string; rate: number }>;
  readonly alertsActive?: () => number | Promise<number>;
  readonly checkpointLag?: () => { readonly facts: number; readonly seconds: number };
  readonly actorsResident?: () => number;
  readonly shardsOwned?: () => number;
  /** The line to NATS, where there is one. `lost` counts since the start. */
  readonly nats?: () => {
    readonly connected: boolean;
    readonly lost: number;
    readonly waiting: number;
  };
  /** Whether what is accepted now can be made durable. */
  readonly ready?: () => boolean;
}

/** A value that somebody else keeps; undefined = nobody does. */
export type Source = () => number | Promise<number> | undefined;

/** @returns undefined = there is no such source, or it failed, or it took too long; what it says later is not heard */
export function valueOf(read: Source, clock: Clock): Promise<number | undefined> {
  return new Promise((resolve) => {
    const cancel = clock.after(sourceMaxMs, () => {
      resolve(undefined);
    });
    const ask = async (): Promise<number | undefined> => read();
    ask()
      .then(resolve, () => {
        resolve(undefined);
      })
      .finally(cancel);
  });
}
