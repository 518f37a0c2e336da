import type { Dice } from "../sim/time/dice.ts";
import { type Fault, oneOfEachKind } from "./faults.ts";

/** What happens at once, and how long each of it lasts. */
export type Round = readonly { readonly fault: Fault; readonly lastsMs: number }[];

const shortMs = { least: 300, most: 5_000 } as const;
const longMs = 10_000;
const longOften = 0.15;
const besideOften = 0.5;
const atOnceMax = 3;

/** Rounds in which each kind of fault comes once, on whom chance says. */
export function roundsOf(dice: Dice): readonly Round[] {
  return [...deal(shuffled(oneOfEachKind(dice), dice), dice)];
}

function* deal(deck: Fault[], dice: Dice): Generator<Round> {
  while (deck.length > 0) {
    const round: { fault: Fault; lastsMs: number }[] = [];
    do {
      const free = deck.findIndex(({ subject }) =>
        round.every(({ fault }) => fault.subject !== subject),
      );
      if (free < 0) break;
      for (const fault of deck.splice(free, 1)) {
        const isLong = dice.says(longOften);
        const lastsMs = isLong ? longMs : Math.round(dice.between(shortMs.least, shortMs.most));
        round.push({ fault, lastsMs });
      }
    } while (round.length < atOnceMax && dice.says(besideOften));
    yield round;
  }
}

function shuffled<T>(all: readonly T[], dice: Dice): T[] {
  const left = [...all];
  return all.flatMap(() => left.splice(dice.below(left.length), 1));
}
