import type { Command } from "../../src/domain/command.ts";
import type { Key } from "../../src/domain/ids.ts";
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
} from "./quota-builders.ts";

/** Numbers that look random and are the same for a seed (mulberry32). */
export function randomFrom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

export const storyKeys: readonly Key[] = ["M-1", "M-2", "M-3", "M-4"].map((id) => key(id));

/** Any command on some keys and orders: often one that is refused, a repeat, or a conflict. */
export function randomCommand(random: (below: number) => number): Command {
  const owner = storyKeys[random(storyKeys.length)] ?? key();
  return { ...commandOn(`A-${random(30)}`, random), key: owner };
}

function commandOn(order: string, random: (below: number) => number): Command {
  const amount = BigInt(1 + random(40));
  switch (random(16)) {
    case 0:
    case 1:
    case 2:
    case 3:
    case 4:
      return { ...consume(order, amount), remarks: "say \"hi\" \\ 'there' 商户 🙂" };
    case 5:
    case 6:
    case 7:
      return reserve(`H${order}`, amount, 3_600_000);
    case 8:
      return confirm(`H${order}`);
    case 9:
      return cancel(`H${order}`);
    case 10:
    case 11:
      return release(order);
    case 12:
      return { ...settle(order), metadata: { note: "{a,b}", count: 2, "😀": true } };
    case 13:
      return adjust({ daily: amount, monthly: amount, yearly: amount }, `adj-${random(5)}`);
    case 14:
      return reset("daily");
    default:
      return random(4) === 0 ? suspend("chargebacks; \"all\" of 'them'") : resume();
  }
}
