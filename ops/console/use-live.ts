import { useEffect, useState } from "preact/hooks";

import type { Api } from "./api.ts";
import { watchLive } from "./live.ts";
import type { Beat } from "./reply.ts";

/** Beats that are kept: two minutes. */
const beatsMax = 120;
/** The figures are of so many: those of a single second jump. */
const recentBeats = 5;

/** The last minutes of an edge. */
export interface Live {
  /** Oldest first. */
  readonly beats: readonly Beat[];
  /** The stream was lost, and is being asked for again. */
  readonly isLost: boolean;
}

export function useLive(api: Api): Live {
  const [live, setLive] = useState<Live>({ beats: [], isLost: false });
  useEffect(
    () =>
      watchLive(api, (beat) => {
        setLive(({ beats }) =>
          beat === null
            ? { beats, isLost: true }
            : { beats: [...beats, beat].slice(-beatsMax), isLost: false },
        );
      }),
    [api],
  );
  return live;
}

export function isRefusal(outcome: string): boolean {
  return outcome !== "accepted" && outcome !== "duplicate";
}

/** Operations a second of one beat, or of some in the mean. */
export function ratesOf(beats: readonly Beat[]): { accepted: number; refused: number } {
  let accepted = 0;
  let refused = 0;
  let seconds = 0;
  for (const beat of beats) {
    seconds += beat.seconds;
    for (const { outcome, count } of beat.operations) {
      if (isRefusal(outcome)) refused += count;
      else accepted += count;
    }
  }
  const length = Math.max(seconds, 1);
  return { accepted: accepted / length, refused: refused / length };
}

export function recent({ beats }: Live): readonly Beat[] {
  return beats.slice(-recentBeats);
}

/** Refusals of all beats by their code, the most frequent first. */
export function refusalsOf(beats: readonly Beat[]): readonly (readonly [string, number])[] {
  const counts = new Map<string, number>();
  for (const { operations } of beats) {
    for (const { outcome, count } of operations) {
      if (isRefusal(outcome)) counts.set(outcome, (counts.get(outcome) ?? 0) + count);
    }
  }
  return [...counts].sort(([, a], [, b]) => b - a);
}
