import { v7 as newId } from "uuid";

import type { Entry } from "../../shards/entry.ts";
import { open, type Writer } from "../../shards/ownership/writer.ts";
import { Batch } from "../../shards/store/batch.ts";
import { commitBatch, quotasByKey, writeCheckpoint } from "../../shards/store/sql.ts";
import { quotaFrom } from "../../shards/store/stored.ts";
import { apply } from "../../src/domain/apply.ts";
import type { Command } from "../../src/domain/command.ts";
import { decide } from "../../src/domain/decide.ts";
import type { Key, KeyText } from "../../src/domain/ids.ts";
import { type Instant, later } from "../../src/domain/instant.ts";
import type { Limits } from "../../src/domain/limits.ts";
import { type Order, orderAfter, orderRefOf } from "../../src/domain/order.ts";
import { calendarAt } from "../../src/domain/period.ts";
import { calendarOf, emptyQuota, type Quota, remainingOf, rolled } from "../../src/domain/quota.ts";
import type { Database } from "../../src/platform/database.ts";
import { thresholds } from "./quota-builders.ts";

const shard = 0;

/**
 * The owner of some merchants, each with limits and a zone of its own: decides by the domain, commits into the journal
 * and writes checkpoints as a node does, at times that the test says.
 */
export class ZonedMerchants {
  readonly #database: Database;
  readonly #writer: Writer;
  readonly #limits: ReadonlyMap<KeyText, Limits>;
  /** What is in memory; a key that is not is read from the tables. */
  readonly #quotas = new Map<KeyText, Quota>();
  readonly #orders = new Map<string, Order>();
  #seq = 0;

  private constructor(database: Database, writer: Writer, limits: ReadonlyMap<KeyText, Limits>) {
    this.#database = database;
    this.#writer = writer;
    this.#limits = limits;
  }

  static async begin(
    database: Database,
    limits: ReadonlyMap<KeyText, Limits>,
  ): Promise<ZonedMerchants> {
    const options = {
      node: "node-a",
      leaseMs: 60_000,
      address: "here",
      version: "test",
      draining: false,
      reachable: null,
    };
    return new ZonedMerchants(database, await open(database, options), limits);
  }

  /** @returns "accepted", "duplicate" or the code of the refusal; what was accepted is durable */
  async ask(command: Command, wallNow: Instant): Promise<string> {
    const { key } = command;
    const { quota: stored, now } = await this.#turnOf(key, wallNow);
    const limits = this.#limitsOf(key);
    const calendar = calendarAt(now, limits.zone);
    const before = rolled(stored, calendar);
    const ref = `${key.text} ${orderRefOf(command) ?? ""}`;
    const order = this.#orders.get(ref);
    const decision = decide(before, order, command, { now, limits, thresholds, calendar });
    if (decision.kind === "refused") return decision.refusal.code;
    if (decision.kind === "duplicate") return decision.kind;
    const { fact } = decision;
    const after = apply(before, fact);
    const logId = newId();
    const orderNow = fact.order ? orderAfter(order, fact, receiptOf(after, limits, logId)) : null;
    if (orderNow) this.#orders.set(ref, orderNow);
    this.#quotas.set(key.text, after);
    const alerts = fact.alerts.map((raised) => ({ id: newId(), raised }));
    const result = { kind: "accepted", fact, after, order: orderNow, alerts } as const;
    const entry = { logId, shard, command, at: now, limits, before, result };
    await this.#commit({ ...entry, calendar: calendarOf(before, calendar) });
    return decision.kind;
  }

  /** In the periods that run. */
  async standing(key: Key, wallNow: Instant): Promise<Quota> {
    const { quota, now } = await this.#turnOf(key, wallNow);
    return rolled(quota, calendarAt(now, this.#limitsOf(key).zone));
  }

  /** Writes what is durable into the tables. */
  async checkpoint(): Promise<void> {
    await this.#database
      .session("checkpoint")
      .run(writeCheckpoint, [this.#writer.writerId, this.#seq]);
  }

  /** What is in memory is let go, as when a node ends: all of it is in the tables. */
  async forget(): Promise<void> {
    await this.checkpoint();
    this.#quotas.clear();
  }

  async #turnOf(
    key: Key,
    wallNow: Instant,
  ): Promise<{ readonly quota: Quota; readonly now: Instant }> {
    let quota = this.#quotas.get(key.text);
    if (!quota) {
      const [row] = await this.#database.session("prefetch").run(quotasByKey, [[key.text]]);
      if (!row) {
        const { zone } = this.#limitsOf(key);
        return { quota: emptyQuota(key, calendarAt(wallNow, zone), wallNow), now: wallNow };
      }
      quota = quotaFrom(row, key);
      this.#quotas.set(key.text, quota);
    }
    return { quota, now: later(wallNow, quota.updatedAt) };
  }

  async #commit(entry: Entry): Promise<void> {
    this.#seq += 1;
    const batch = new Batch(this.#seq);
    batch.add(entry);
    const values = [this.#writer.writerId, this.#seq, ...batch.columns()];
    await this.#database.session("commit").run(commitBatch, values);
  }

  #limitsOf(key: Key): Limits {
    const limits = this.#limits.get(key.text);
    if (!limits) throw new Error(`${key.text} has no limits`);
    return limits;
  }
}

function receiptOf(quota: Quota, limits: Limits, logId: string) {
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
