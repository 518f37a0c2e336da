import test from "ava";
import fc from "fast-check";
import { apply } from "../../../src/domain/apply.ts";
import type { Command } from "../../../src/domain/command.ts";
import type { Decision } from "../../../src/domain/decision.ts";
import type { ThresholdAlert } from "../../../src/domain/fact.ts";
import { instant } from "../../../src/domain/instant.ts";
import { type Order, orderAfter } from "../../../src/domain/order.ts";
import { calendarPeriod, perWindow, windowNames } from "../../../src/domain/period.ts";
import { emptyQuota, type Quota } from "../../../src/domain/quota.ts";
import { LoneMerchant } from "../../support/lone-merchant.ts";
import { NaiveModel } from "../../support/naive-model.ts";
import { existing, expire, thresholds, turn } from "../../support/quota-builders.ts";
import { after, story, type Story } from "../../support/story-arbitrary.ts";

/** A failing property throws, so that fast-check shrinks the story and prints its seed. */
function must(isSo: boolean, what: string): void {
  if (!isSo) throw new Error(what);
}

function mustEqual(actual: unknown, expected: unknown, what: string): void {
  const [is, wanted] = [textOf(actual), textOf(expected)];
  must(is === wanted, `${what}: ${is}, but should be ${wanted}`);
}

function textOf(value: unknown): string {
  return JSON.stringify(value, (_name, part: unknown) =>
    typeof part === "bigint" ? String(part) : part,
  );
}

/** Tells a story step by step; before each command the owner drops the holds whose time is over, as it always does. */
function tell(
  { from, limits, steps }: Story,
  ask: (merchant: LoneMerchant, command: Command) => void,
): LoneMerchant {
  const merchant = new LoneMerchant({ on: from, limits });
  for (const step of steps) {
    const { now, calendar } = merchant.turn;
    merchant.moveTo(after(now, calendar, step.passing));
    if (step.limits) merchant.limitTo(step.limits);
    for (const { ref, hold } of merchant.orders.values()) {
      if (hold?.state === "open" && hold.expiresAt <= merchant.turn.now) ask(merchant, expire(ref));
    }
    ask(merchant, step.command);
  }
  return merchant;
}

function answerOf(decision: Decision): string {
  return decision.kind === "refused" ? decision.refusal.code : decision.kind;
}

function numbersOf(quota: Quota) {
  return {
    windows: perWindow((name) => {
      const { used, held, count, refunded } = quota.windows[name];
      return { used, held, count, refunded };
    }),
    pending: quota.pending,
    reserved: quota.reserved,
    isSuspended: quota.suspension !== null,
  };
}

function holds(property: (told: Story) => void, numRuns: number): void {
  fc.assert(fc.property(story, property), { numRuns });
}

test("whatever is asked, the answer and every number are those of the naive model", (t) => {
  holds((told) => {
    const model = new NaiveModel();
    tell(told, (merchant, command) => {
      const { now, limits } = merchant.turn;
      const answer = answerOf(merchant.ask(command));
      mustEqual(answer, model.ask(command, limits, now), `the answer to ${command.kind}`);
      const what = `the numbers after ${command.kind}`;
      mustEqual(numbersOf(merchant.quota), model.numbers(limits.zone, now), what);
    });
  }, 2_000);
  t.pass();
});

test("I4: nothing is ever negative, and what was accepted to take or hold keeps to every limit", (t) => {
  holds((told) => {
    tell(told, (merchant, command) => {
      const decision = merchant.ask(command);
      const { windows, pending, reserved } = merchant.quota;
      const { limits } = merchant.turn;
      must(pending >= 0n && reserved >= 0n, "pending or reserved is negative");
      for (const name of windowNames) {
        const { used, held, count, refunded } = windows[name];
        must([used, held, refunded].every((n) => n >= 0n) && count >= 0, `${name} is negative`);
        must(held <= reserved, `${name} holds more than is reserved`);
        if (decision.kind !== "accepted") continue;
        if (command.kind !== "consume" && command.kind !== "reserve") continue;
        const limit = limits.windows[name];
        must(limit === null || used + held <= limit, `the ${name} limit is passed`);
      }
    });
  }, 700);
  t.pass();
});

test("I5: an order_no has one effect: asked again at once, everything answers its first receipt", (t) => {
  holds((told) => {
    tell(told, (merchant, command) => {
      const decision = merchant.ask(command);
      const isIdempotent = decision.kind === "accepted" && decision.fact.order !== null;
      if (!isIdempotent || command.kind === "expire") return;
      const { receipt } = existing(merchant.facts.at(-1));
      const before = numbersOf(merchant.quota);
      const again = merchant.ask(command);
      mustEqual(again.kind, "duplicate", `${command.kind} again`);
      if (again.kind === "duplicate") mustEqual(again.receipt, receipt, "the receipt");
      mustEqual(numbersOf(merchant.quota), before, `the numbers after ${command.kind} again`);
    });
  }, 700);
  t.pass();
});

test("I7: a release lowers only the periods that its order was charged to and that still run", (t) => {
  holds((told) => {
    tell(told, (merchant, command) => {
      const before = merchant.quota;
      const decision = merchant.ask(command);
      if (decision.kind !== "accepted" || command.kind !== "release") return;
      const { charged } = merchant.order(command.orderNo);
      for (const name of windowNames) {
        const fell = before.windows[name].used - merchant.quota.windows[name].used;
        const { amount } = decision.fact;
        const isCharged = charged[name] === before.windows[name].period;
        must(fell >= 0n && fell <= amount, `${name} fell by ${String(fell)}`);
        must(isCharged || fell === 0n, `${name} fell, though ${charged[name]} was charged`);
      }
    });
  }, 500);
  t.pass();
});

test("I6: folding the facts of a key, from nothing, gives its quota and its orders", (t) => {
  holds((told) => {
    const merchant = tell(told, (asked, command) => asked.ask(command));
    const { calendar } = turn(told.from, told.limits);
    const orders = new Map<string, Order>();
    let quota = emptyQuota(merchant.quota.key, calendar, told.from);
    for (const { fact, receipt } of merchant.facts) {
      quota = apply(quota, fact);
      if (!fact.order) continue;
      const { ref } = fact.order;
      orders.set(ref, orderAfter(orders.get(ref), fact, receipt));
      mustEqual(receipt.version, quota.version, "the version");
    }
    const isSame = merchant.facts.length === quota.version;
    must(isSame, "every accepted change counts one version");
    mustEqual([...orders], [...merchant.orders], "the orders");
    if (quota.version > 0) mustEqual(quota, merchant.stored, "the quota");
  }, 500);
  t.pass();
});

test("I10: a threshold is alerted when use first reaches it, and once a period", (t) => {
  holds((told) => {
    const seen = new Set<string>();
    const nameOf = (
      { window, percent }: Pick<ThresholdAlert, "window" | "percent">,
      quota: Quota,
    ) => `${window} ${quota.windows[window].period} ${percent}`;
    tell(told, (merchant, command) => {
      const before = merchant.quota;
      const decision = merchant.ask(command);
      if (decision.kind !== "accepted") return;
      const { quota, turn: now } = merchant;
      for (const alert of decision.fact.alerts) {
        if (alert.kind !== "threshold") continue;
        const name = nameOf(alert, quota);
        must(!seen.has(name), `${name} is raised twice`);
        seen.add(name);
        const { used, limit } = alert;
        must(used * 100n >= limit * BigInt(alert.percent), `${name} is raised too early`);
        mustEqual(used, quota.windows[alert.window].used, "the use that the alert names");
      }
      for (const window of windowNames) {
        const limit = now.limits.windows[window];
        const { used, alerted } = quota.windows[window];
        if (limit === null || limit === 0n || used <= before.windows[window].used) continue;
        for (const { percent } of thresholds) {
          if (percent <= alerted && seen.has(nameOf({ window, percent: alerted }, quota))) continue;
          must(used * 100n < limit * BigInt(percent), `${window} ${percent} is not raised`);
        }
      }
    });
  }, 700);
  t.pass();
});

test("a refused amount fits at fits_at and not a moment before, and never where there is none", (t) => {
  const windowCodes = /^(DAILY|MONTHLY|YEARLY|REFUND)_/;
  holds((told) => {
    tell(told, (merchant, command) => {
      const { now, limits } = merchant.turn;
      const decision = merchant.ask(command);
      if (decision.kind !== "refused" || !windowCodes.test(decision.refusal.code)) return;
      const { fitsAt } = decision.refusal;
      if (fitsAt === null) {
        const later = turn(instant(now + 800 * 86_400_000), limits);
        must(merchant.decided(command, later).kind === "refused", "it fits by waiting, after all");
        return;
      }
      must(fitsAt > now, "it fits in the past");
      const early = merchant.decided(command, turn(instant(fitsAt - 1), limits));
      must(early.kind === "refused", "it fits before fits_at");
      mustEqual(
        answerOf(merchant.decided(command, turn(fitsAt, limits))),
        "accepted",
        "at fits_at",
      );
    });
  }, 700);
  t.pass();
});

test("a period never gives way to an earlier one", (t) => {
  holds((told) => {
    let last = perWindow(() => "");
    for (const { fact } of tell(told, (asked, command) => asked.ask(command)).facts) {
      const periods = perWindow((name) => calendarPeriod(fact.periods[name]));
      for (const name of windowNames) {
        must(periods[name] >= last[name], `${periods[name]} follows ${last[name]}`);
      }
      last = periods;
    }
  }, 300);
  t.pass();
});
