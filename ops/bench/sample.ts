/** One measure of one case. */
export interface Sample {
  /** Answered, all of them well. */
  readonly operations: number;
  readonly perSecond: number;
  /** Milliseconds of one call; null where the tool does not say. */
  readonly p50Ms: number | null;
  readonly p99Ms: number | null;
  /** Why the figure proves nothing; null = every answer was good, and what was acknowledged is counted. */
  readonly doubt: string | null;
  /** What explains the figure, by name with its unit last. */
  readonly details: Readonly<Record<string, number>>;
}

/** Something that is measured once a round. */
export interface Case {
  readonly name: string;
  /** For people. */
  readonly what: string;
  /** @param name unlike that of any other measure, and good in ids */
  readonly measure: (name: string, seconds: number) => Promise<Sample>;
}

/** The first that is wrong, in words. */
export function doubtOf(
  ...checks: readonly (readonly [isGood: boolean, otherwise: string])[]
): string | null {
  return checks.find(([isGood]) => !isGood)?.[1] ?? null;
}
