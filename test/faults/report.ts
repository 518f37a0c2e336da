import type { Findings } from "./history.ts";

/** What was done to a cluster and what came of it. */
export interface Report {
  readonly seed: number;
  /** Under faults. */
  readonly seconds: number;
  readonly rounds: number;
  /** Injected, by kind. */
  readonly faults: Readonly<Record<string, number>>;
  readonly found: Findings;
  /** Acknowledged, sent again at the end, and not answered as the first time. */
  readonly repeatedWrong: readonly string[];
}

/** The report as a table. */
export function reportText({
  seed,
  seconds,
  rounds,
  faults,
  found,
  repeatedWrong,
}: Report): string {
  const injected = Object.entries(faults).sort(([a], [b]) => a.localeCompare(b));
  const all = injected.reduce((sum, [, count]) => sum + count, 0);
  const wrong = found.wrong.length + repeatedWrong.length;
  const lines: readonly (readonly [string, number])[] = [
    [`faults injected, seed ${seed}, ${rounds} rounds in ${seconds.toFixed(0)} s`, all],
    ...injected.map(([kind, count]) => [`  ${kind}`, count] as const),
    ["operations", found.operations],
    ["  acknowledged", found.acknowledged],
    ["  refused", found.refused],
    ["  unknown at the end", found.undecided],
    ["answers of unknown outcome, asked again", found.unknownAnswers],
    ["answers that nothing had happened, asked again", found.nothingAnswers],
    ["lost", found.lost.length],
    ["doubled", found.doubled.length],
    ["above limit", found.aboveLimit.length],
    ["otherwise wrong", wrong],
  ];
  const width = Math.max(...lines.map(([name]) => name.length));
  return lines
    .map(([name, count]) => `${name.padEnd(width)} ${String(count).padStart(8)}`)
    .join("\n");
}
