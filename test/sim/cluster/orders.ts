import type { Command, Question } from "../../../src/domain/command.ts";
import type { Key } from "../../../src/domain/ids.ts";
import { minor } from "../../../src/domain/money.ts";
import { windowNames } from "../../../src/domain/period.ts";
import {
  adjust,
  cancel,
  confirm,
  consume,
  key,
  release,
  reserve,
  reset,
  resume,
  settle,
  suspend,
} from "../../support/quota-builders.ts";
import type { Dice } from "../time/dice.ts";

export const keys: readonly Key[] = ["M-1", "M-2", "M-3", "M-4", "M-5"].map((id) => key(id));

/** Orders that follow-ups are about: the last ones of a key. */
const recentMax = 8;
const ttlMs = [300, 2_000, 8_000, 60_000];

/** What gateways ask: new orders, and what follows on those of the last while. */
export class Orders {
  readonly #dice: Dice;
  #made = 0;
  readonly #recent = new Map<string, string[]>();

  constructor(dice: Dice) {
    this.#dice = dice;
  }

  next(): Command | Question {
    const dice = this.#dice;
    // One merchant gets most of it.
    const of = dice.says(0.4) ? dice.oneOf(keys.slice(0, 1)) : dice.oneOf(keys);
    const amount = BigInt(1 + dice.below(40));
    if (dice.says(0.06)) return { kind: "check", key: of, amount: minor(amount) };
    if (dice.says(0.1)) return { kind: "get", key: of };
    return { ...this.#command(of, amount), key: of };
  }

  #command(of: Key, amount: bigint): Command {
    const dice = this.#dice;
    const recent = this.#recent.get(of.text) ?? [];
    if (recent.length === 0 || dice.says(0.45)) {
      return dice.says(0.6)
        ? consume(this.#newOrder(of), amount)
        : reserve(this.#newOrder(of), amount, dice.oneOf(ttlMs));
    }
    const order = dice.oneOf(recent);
    switch (dice.below(20)) {
      case 0:
      case 1:
      case 2:
      case 3:
        return confirm(order);
      case 4:
      case 5:
        return cancel(order);
      case 6:
      case 7:
      case 8:
      case 9:
        return release(order);
      case 10:
      case 11:
        return release(order, BigInt(1 + dice.below(9)), `R-${dice.below(3)}`);
      case 12:
      case 13:
        return settle(order);
      case 14:
        return adjust({ daily: amount, monthly: amount, yearly: amount }, `J-${dice.below(20)}`);
      case 15:
        return adjust({ daily: -5n, monthly: -5n, yearly: -5n });
      case 16:
        return reset(dice.oneOf(windowNames));
      case 17:
        return dice.says(0.3) ? suspend() : resume();
      default:
        return consume(order, amount);
    }
  }

  #newOrder(of: Key): string {
    this.#made += 1;
    const order = `A-${this.#made}`;
    const recent = [...(this.#recent.get(of.text) ?? []), order];
    this.#recent.set(of.text, recent.slice(-recentMax));
    return order;
  }
}
