import type { Agenda } from "../time/agenda.ts";
import type { Dice } from "../time/dice.ts";

/** Milliseconds, one way: mostly near, now and then behind others, seldom late. */
const usualMs = [0.05, 0.6] as const;
const slowMs = [1, 40] as const;
const lateMs = [50, 600] as const;
const slowShare = 0.05;
const lateShare = 0.003;
/** Of a message that lags, as behind a lost packet that is sent again and again. */
const lagMs = [400, 5_000] as const;

/** The way of one message through the network. */
export function latencyMs(dice: Dice): number {
  if (dice.says(lateShare)) return dice.between(...lateMs);
  return dice.says(slowShare) ? dice.between(...slowMs) : dice.between(...usualMs);
}

/** The network between two machines: while it is cut, what is sent waits, as TCP has it. */
export class Line {
  /** The share of messages that lag. Each holds up its own connection, and no other. */
  lags = 0;
  readonly #agenda: Agenda;
  readonly #dice: Dice;
  readonly #held: (() => void)[] = [];
  #isCut = false;

  constructor(agenda: Agenda, dice: Dice) {
    this.#agenda = agenda;
    this.#dice = dice;
  }

  /** Carries a message. @param notBeforeMs of a stream: nothing overtakes. @returns when it arrives if nothing is cut */
  carry(notBeforeMs: number, arrive: () => void): number {
    const { nowMs } = this.#agenda;
    const dice = this.#dice;
    const delayMs = dice.says(this.lags) ? dice.between(...lagMs) : latencyMs(dice);
    const atMs = Math.max(nowMs + delayMs, notBeforeMs);
    this.#agenda.after(atMs - nowMs, () => {
      if (this.#isCut) this.#held.push(arrive);
      else arrive();
    });
    return atMs;
  }

  cut(): void {
    this.#isCut = true;
  }

  heal(): void {
    this.#isCut = false;
    for (const arrive of this.#held.splice(0)) this.#agenda.after(0, arrive);
  }
}
