import type { Second, Tally } from "./tally.ts";

/** Where progress is shown: never where the answer is printed. */
export interface Screen {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

/** Without a terminal, a line about as often. */
const secondsBetweenLines = 5;

/** Says how a second went: each on a terminal, else every fifth. */
export function showSecond(screen: Screen, tally: Tally, second: Second): void {
  if (screen.isTTY === true || second.second % secondsBetweenLines === 0) {
    screen.write(`${lineOf(tally, second)}\n`);
  }
}

/** Rate and latency of the second, then what was met since the beginning. */
export function lineOf(
  { outcomes: all, codes }: Pick<Tally, "outcomes" | "codes">,
  { second, outcomes, p50, p99 }: Second,
): string {
  const rate = outcomes.applied + outcomes.refused + outcomes.unknown;
  const met = [...codes].map(([code, count]) => `${code} ${count}`).join(", ");
  return [
    `${second} s`.padStart(6),
    `${rate}/s`.padStart(9),
    `p50 ${shownMs(p50)}`.padStart(14),
    `p99 ${shownMs(p99)}`.padStart(14),
    `  applied ${all.applied}, refused ${all.refused}, unknown ${all.unknown}`,
    met === "" ? "" : `  (${met})`,
  ].join("");
}

/** Milliseconds as a person reads them; a dash where there are none. */
export function shownMs(ms: number): string {
  if (Number.isNaN(ms)) return "–";
  if (ms >= 10_000) return `${(ms / 1_000).toFixed(1)} s`;
  return `${ms.toFixed(ms < 10 ? 2 : ms < 100 ? 1 : 0)} ms`;
}
