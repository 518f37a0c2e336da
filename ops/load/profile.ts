import { type Ask, askAmountMax } from "./ask.ts";
import type { Plan } from "./plan.ts";
import { type Random, randomFrom, upTo, zipf } from "../random.ts";

/** Orders of which it is known that they count, and which wait to be given back; older ones are forgotten. */
const givableMax = 10_000;
const checkShare = 0.6;
const consumeShare = 0.3; // the rest is given back

/** What a load asks for, one call after another. The seed repeats it, but for what depends on the answers. */
export interface Profile {
  /** The operations of the next call: one, or a batch. */
  next(): readonly Ask[];
  /** Says that an order counts, so that it may be given back later. */
  applied(ask: Ask): void;
}

export function profileOf(plan: Plan): Profile {
  const random = randomFrom(plan.seed);
  const merchantId = merchantChoice(plan, random);
  const givable: Ask[] = [];
  let orders = 0;

  const consume = (): Ask => ({
    op: "consume",
    merchantId: merchantId(),
    orderNo: `O-${(orders += 1)}`,
    amount: upTo(random, askAmountMax),
  });
  const check = (): Ask => ({ ...consume(), op: "check" });
  const release = (): Ask => {
    const taken = givable.shift();
    return taken ? { ...taken, op: "release" } : consume();
  };
  const mixed = (): Ask => {
    const share = random();
    if (share < checkShare) return check();
    return share < checkShare + consumeShare ? consume() : release();
  };
  return {
    next: () => {
      if (plan.profile === "batch") return Array.from({ length: plan.batchSize }, consume);
      return [plan.profile === "mixed" ? mixed() : consume()];
    },
    applied: (ask) => {
      if (plan.profile !== "mixed" || ask.op !== "consume") return;
      givable.push(ask);
      if (givable.length > givableMax) givable.shift();
    },
  };
}

function merchantChoice({ profile, merchants, zipfExponent, runId }: Plan, random: Random) {
  const named = (number: number): string => `${runId}-${number}`;
  if (profile === "hot") return () => named(0);
  if (profile === "zipf") {
    const rank = zipf(merchants, zipfExponent);
    return () => named(rank(random));
  }
  return () => named(Math.floor(random() * merchants));
}
