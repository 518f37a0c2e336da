import { apply } from "../../src/domain/apply.ts";
import type { Command } from "../../src/domain/command.ts";
import { decide } from "../../src/domain/decide.ts";
import type { Decision, Turn } from "../../src/domain/decision.ts";
import type { Fact, SuspensionAlert, ThresholdAlert } from "../../src/domain/fact.ts";
import { instant, type Instant } from "../../src/domain/instant.ts";
import type { Limits } from "../../src/domain/limits.ts";
import { type Order, orderAfter, orderRefOf, type Receipt } from "../../src/domain/order.ts";
import { emptyQuota, type Quota, remainingOf, rolled } from "../../src/domain/quota.ts";
import { at, existing, key, limits, midday, turn } from "./quota-builders.ts";

/**
 * One merchant in one currency, decided by the domain alone: what an actor keeps, without actor, journal and clock.
 * Time stands still until it is moved.
 */
export class LoneMerchant {
  #limits: Limits;
  #now: Instant;
  #quota: Quota | null = null;
  readonly #orders = new Map<string, Order>();
  readonly #facts: { readonly fact: Fact; readonly receipt: Receipt }[] = [];

  constructor(options: { readonly limits?: Limits; readonly on?: Instant | string } = {}) {
    this.#limits = options.limits ?? limits();
    this.#now = instantOf(options.on ?? midday);
  }

  get turn(): Turn {
    return turn(this.#now, this.#limits);
  }

  /** As a turn finds it: in its running periods. */
  get quota(): Quota {
    return rolled(this.stored, this.turn.calendar);
  }

  /** As the last fact left it; before the first, empty in the periods of now. */
  get stored(): Quota {
    return this.#quota ?? emptyQuota(key(), this.turn.calendar, this.#now);
  }

  get orders(): ReadonlyMap<string, Order> {
    return this.#orders;
  }

  get facts(): readonly { readonly fact: Fact; readonly receipt: Receipt }[] {
    return this.#facts;
  }

  get alerts(): readonly ThresholdAlert[] {
    return this.#raised.filter((alert) => alert.kind === "threshold");
  }

  get suspensions(): readonly SuspensionAlert[] {
    return this.#raised.filter((alert) => alert.kind === "suspended");
  }

  get #raised(): Fact["alerts"] {
    return this.#facts.flatMap(({ fact }) => fact.alerts);
  }

  order(ref: string): Order {
    return existing(this.#orders.get(ref));
  }

  moveTo(when: Instant | string): void {
    this.#now = instantOf(when);
  }

  wait(ms: number): void {
    this.#now = instant(this.#now + ms);
  }

  limitTo(inForce: Limits): void {
    this.#limits = inForce;
  }

  /** What would be answered; changes nothing. */
  decided(command: Command, when: Turn = this.turn): Decision {
    return decide(this.stored, this.#orders.get(orderRefOf(command) ?? ""), command, when);
  }

  /** Decides and, when accepted, applies. */
  ask(command: Command): Decision {
    const decision = this.decided(command);
    if (decision.kind === "accepted") this.#apply(decision.fact);
    return decision;
  }

  /** Asks each in order; all must be accepted. */
  did(...commands: Command[]): this {
    for (const command of commands) {
      const decision = this.ask(command);
      if (decision.kind === "accepted") continue;
      const why = decision.kind === "refused" ? decision.refusal.code : "a duplicate";
      throw new Error(`${command.kind} was to be accepted, but was ${why}`);
    }
    return this;
  }

  #apply(fact: Fact): void {
    const quota = apply(this.stored, fact);
    const receipt = receiptOf(quota, this.#limits);
    this.#quota = quota;
    if (fact.order) {
      const { ref } = fact.order;
      this.#orders.set(ref, orderAfter(this.#orders.get(ref), fact, receipt));
    }
    this.#facts.push({ fact, receipt });
  }
}

function receiptOf(quota: Quota, inForce: Limits): Receipt {
  const { daily, monthly, yearly } = quota.windows;
  return {
    logId: `log-${quota.version}`,
    version: quota.version,
    used: { daily: daily.used, monthly: monthly.used, yearly: yearly.used },
    pending: quota.pending,
    reserved: quota.reserved,
    transactionsToday: daily.count,
    remaining: remainingOf(quota, inForce),
    limitsSource: inForce.source,
    policyVersion: inForce.policyVersion,
  };
}

function instantOf(when: Instant | string): Instant {
  return typeof when === "string" ? at(when) : when;
}
