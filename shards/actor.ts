import type { Check, Command, Expire, Question } from "../src/domain/command.ts";
import { apply } from "../src/domain/apply.ts";
import { decide } from "../src/domain/decide.ts";
import type { Turn } from "../src/domain/decision.ts";
import type { Fact } from "../src/domain/fact.ts";
import { misfit } from "../src/domain/fit.ts";
import { type Key, orderNoOf } from "../src/domain/ids.ts";
import { type Instant, later } from "../src/domain/instant.ts";
import type { Limits, Threshold } from "../src/domain/limits.ts";
import { type Order, orderAfter, type Receipt } from "../src/domain/order.ts";
import type { Outcome, Standing } from "../src/domain/outcome.ts";
import { calendarAt } from "../src/domain/period.ts";
import { calendarOf, emptyQuota, type Quota, remainingOf, rolled } from "../src/domain/quota.ts";
import type { Refusal } from "../src/domain/refusal.ts";
import { unreachable } from "../src/domain/unreachable.ts";
import { Fault } from "../src/wire/fault.ts";
import type { Entry } from "./entry.ts";
import type { KeyLimits, LimitsBook, StoredKey, StoredLimits } from "./ports.ts";

/** Open holds of one key; over it, a reservation is OVERLOADED until some have closed. */
export const openHoldsMax = 20_000;
/** Due holds dropped in one turn; the rest in the next ones, so that a heap of them holds nobody else up for long. */
export const expiriesOfTurnMax = 200;

/** What a turn needs from around the actor. All of it is at hand: a turn waits for nothing. */
export interface Surroundings {
  readonly now: () => Instant;
  readonly newId: () => string;
  readonly limits: LimitsBook;
  readonly thresholds: () => readonly Threshold[];
  /** Takes an entry into the journal's open batch. @returns the batch's seq */
  readonly record: (entry: Entry) => number;
}

/**
 * The one owner of a key: decides its commands one after the other, in memory.
 *
 * Invariant: state changes only in `#accept`, which also records the entry that makes the change durable.
 */
export class Actor {
  readonly key: Key;
  readonly shard: number;
  readonly limits: KeyLimits;
  readonly #around: Surroundings;
  #quota: Quota | null;
  /** Orders whose hold is open; null = none, since an empty map takes a sixth of what an idle actor does. */
  #holds: Map<string, Order> | null = null;
  #nextExpiry = Infinity;
  #lastSeq = 0;
  #hadTurn = false;

  constructor(
    key: Key,
    shard: number,
    stored: { readonly key: StoredKey | undefined; readonly limits: StoredLimits | undefined },
    around: Surroundings,
  ) {
    this.key = key;
    this.shard = shard;
    this.limits = around.limits.open(key, shard, stored.limits);
    this.#around = around;
    this.#quota = stored.key?.quota ?? null;
    for (const order of stored.key?.holds ?? []) this.#watch(order);
  }

  /** The batch of the last fact of this key: what any reply has seen, and what must be durable before it is sent. */
  get lastSeq(): number {
    return this.#lastSeq;
  }

  /** Whether it had a turn since this was last asked, or waits for its first. */
  spareOnce(): boolean {
    const hadTurn = this.#hadTurn;
    this.#hadTurn = false;
    return hadTurn || this.limits.first !== null;
  }

  /** Whether a hold's time is over, so that a turn of any kind would drop it. */
  hasDueHold(now: Instant): boolean {
    return this.#nextExpiry <= now;
  }

  /** What has been used; null = a key never used. */
  get quota(): Quota | null {
    return this.#quota;
  }

  /**
   * One turn: drops the holds that are due, then answers. Synchronous.
   * @param orderNow what the command's order_no or adjustment_no did before, asked when due holds are dropped
   * @throws Fault when nothing may be taken without the policy service, or over the bound of open holds
   */
  turn(request: Command | Question, orderNow: () => Order | undefined): Outcome {
    this.#hadTurn = true;
    this.limits.refreshIfOld();
    const limits = this.limits.inForce();
    const wallNow = this.#around.now();
    const now = this.#quota ? later(wallNow, this.#quota.updatedAt) : wallNow;
    const turn: Turn = {
      now,
      limits,
      thresholds: this.#around.thresholds(),
      calendar: calendarAt(now, limits.zone),
    };
    this.#quota ??= emptyQuota(this.key, turn.calendar, now);
    if (this.#nextExpiry <= now) this.#expireDue(turn);
    if (request.kind === "get" || request.kind === "refresh") {
      return { kind: "stands", standing: this.#standing(turn) };
    }
    const hindrance = takes(request) ? this.limits.hindrance() : null;
    if (hindrance) throw hindrance;
    if (request.kind === "check") {
      const standing = this.#standing(turn);
      const refusal = misfit(standing.quota, request.amount, turn) ?? null;
      return { kind: "checked", refusal, standing };
    }
    return this.#obey(request, orderNow(), turn);
  }

  #obey(command: Command, order: Order | undefined, turn: Turn): Outcome {
    if (command.kind === "reserve" && (this.#holds?.size ?? 0) >= openHoldsMax) {
      throw new Fault("OVERLOADED", `more than ${openHoldsMax} open reservations of one merchant`);
    }
    const standing = this.#standing(turn);
    const decision = decide(standing.quota, order, command, turn);
    switch (decision.kind) {
      case "accepted":
        return this.#accept(standing, order, command, decision.fact);
      case "refused":
        return this.#refuse(standing, command, decision.refusal);
      case "duplicate":
        return {
          kind: "accepted",
          duplicate: true,
          receipt: decision.receipt,
          order: decision.order,
        };
      default:
        return unreachable(decision);
    }
  }

  #accept(standing: Standing, order: Order | undefined, command: Command, fact: Fact): Outcome {
    const after = apply(standing.quota, fact);
    const logId = this.#around.newId();
    const receipt = receiptOf(after, standing.limits, logId);
    const orderNow = fact.order ? orderAfter(order, fact, receipt) : null;
    assertSound(after);
    const alerts = fact.alerts.map((raised) => ({ id: this.#around.newId(), raised }));
    const result = { kind: "accepted", fact, after, order: orderNow, alerts } as const;
    this.#lastSeq = this.#around.record(this.#entry(logId, command, standing, result));
    this.#quota = after;
    if (orderNow) this.#watch(orderNow);
    return { kind: "accepted", duplicate: false, receipt, order: orderNow };
  }

  #refuse(standing: Standing, command: Command, refusal: Refusal): Outcome {
    const result = { kind: "refused", code: refusal.code } as const;
    const logId = this.#around.newId();
    this.#lastSeq = this.#around.record(this.#entry(logId, command, standing, result));
    return { kind: "refused", refusal, standing };
  }

  #entry(logId: string, command: Command, standing: Standing, result: Entry["result"]): Entry {
    const { at, limits, calendar, quota: before } = standing;
    return { logId, shard: this.shard, command, at, limits, calendar, before, result };
  }

  #standing(turn: Turn): Standing {
    const { now: at, limits, calendar } = turn;
    const quota = rolled(this.#quota ?? emptyQuota(this.key, calendar, at), calendar);
    return { quota, limits, calendar: calendarOf(quota, calendar), at };
  }

  #expireDue(turn: Turn): void {
    let expiries = 0;
    for (const order of this.#holds?.values() ?? []) {
      if (!order.hold || order.hold.expiresAt > turn.now) continue;
      if (expiries === expiriesOfTurnMax) return;
      this.#obey(this.#expiry(order), order, turn);
      expiries += 1;
    }
    this.#nextExpiry = Infinity;
    for (const { hold } of this.#holds?.values() ?? []) {
      if (hold) this.#nextExpiry = Math.min(this.#nextExpiry, hold.expiresAt);
    }
  }

  #expiry(order: Order): Expire {
    const orderNo = orderNoOf(order.ref);
    if (!orderNo) throw new Error(`an open hold has the impossible order_no ${order.ref}`);
    return {
      kind: "expire",
      key: this.key,
      orderNo,
      operator: { id: "system", type: "system" },
      traceId: null,
      paymentNo: null,
      remarks: null,
      metadata: null,
    };
  }

  /** Keeps an order whose hold is open; lets go of one whose hold has closed. */
  #watch(order: Order): void {
    if (order.hold?.state === "open") {
      this.#holds ??= new Map();
      this.#holds.set(order.ref, order);
      this.#nextExpiry = Math.min(this.#nextExpiry, order.hold.expiresAt);
    } else if (this.#holds?.delete(order.ref) === true && this.#holds.size === 0) {
      this.#holds = null;
    }
  }
}

function takes({ kind }: Command | Check): boolean {
  return kind === "check" || kind === "consume" || kind === "reserve";
}

function receiptOf(quota: Quota, limits: Limits, logId: string): Receipt {
  const { daily, monthly, yearly } = quota.windows;
  return {
    logId,
    version: quota.version,
    used: { daily: daily.used, monthly: monthly.used, yearly: yearly.used },
    pending: quota.pending,
    reserved: quota.reserved,
    transactionsToday: daily.count,
    remaining: remainingOf(quota, limits),
    limitsSource: limits.source,
    policyVersion: limits.policyVersion,
  };
}

/** @throws when a number is negative: a bug of the rules, which must not become durable */
function assertSound(quota: Quota): void {
  const { daily, monthly, yearly } = quota.windows;
  for (const window of [daily, monthly, yearly]) {
    if (window.used < 0n || window.held < 0n || window.count < 0 || window.refunded < 0n) {
      throw new Error(`a window of ${quota.key.text} would be negative`);
    }
  }
  if (quota.pending < 0n || quota.reserved < 0n) {
    throw new Error(`an amount of ${quota.key.text} would be negative`);
  }
}
