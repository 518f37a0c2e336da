import type { AlertTarget, Channel, Tried } from "../../src/clients/alert-target.ts";
import { type Instant, instant } from "../../src/domain/instant.ts";
import { unreachable } from "../../src/domain/unreachable.ts";
import type { Cancel, Clock } from "../../src/platform/clock.ts";
import type { Session } from "../../src/platform/database.ts";
import { faultOf } from "../../src/wire/fault.ts";
import type { Log } from "../ports.ts";
import { type Delivery, deliveryFrom } from "./delivery.ts";
import {
  abandonDeliveries,
  claimDeliveries,
  delayDelivery,
  failDelivery,
  makeDeliveries,
  noteDelivered,
} from "./sql.ts";
import { nextTry } from "./wait.ts";

/** How often new alerts, and deliveries whose time has come, are looked for; and after a look that failed. */
const lookMs = 1_000;
const retryMs = 5_000;
/** Every so many looks, what is left for targets of before is given up. */
const abandonEvery = 60;
/** Alerts given deliveries by one statement, and statements of one look: the rest comes with the next one. */
const alertsMax = 500;
const batchesOfLookMax = 10;
/** So long a node has a delivery to itself: longer than any try lasts. */
const claimMs = 30_000;
/** So long an alert is tried. */
const deliverMaxMs = 86_400_000;

/** What became of a try, for the metrics; what failed is tried again. */
export type DeliveryResult = "delivered" | "failed" | "given_up";

export interface OutboxOptions {
  readonly session: Session;
  readonly clock: Clock;
  readonly log: Log;
  /** Each with a name of its own. None = alerts are kept and told to nobody. */
  readonly targets: readonly AlertTarget[];
  readonly onDelivery: (channel: Channel, result: DeliveryResult) => void;
  /** 0 … 1, exclusive. */
  readonly random: () => number;
}

/**
 * Tells alerts to their targets, at least once each and to each target in order, beside everything else: no statement
 * is open while something is sent, and a target that is dead holds up nobody but itself. Every node has one.
 *
 *     pending ──taken, sent──▶ delivered
 *       ▲  └──answer: never, or 24 h over──▶ failed ──resend──▶ pending
 *       └──no answer, or: not now; later and later
 */
export class Outbox {
  readonly #options: OutboxOptions;
  readonly #targets: ReadonlyMap<string, AlertTarget>;
  /** Deliveries on their way by target: one each, or their order would be lost. */
  readonly #sending = new Map<string, Promise<void>>();
  #looks = 0;
  #looking: Promise<void> = Promise.resolve();
  #timer: Cancel | null = null;
  #stopped = false;

  constructor(options: OutboxOptions) {
    this.#options = options;
    this.#targets = new Map(options.targets.map((target) => [target.name, target]));
  }

  /** Begins to look; the schema has to be there. */
  start(): void {
    this.#lookAfter(lookMs);
  }

  /** Takes nothing more, and waits for the tries on their way: some seconds at most. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#timer?.();
    await this.#looking;
    await Promise.all(this.#sending.values());
  }

  #lookAfter(delayMs: number): void {
    if (this.#stopped) return;
    this.#timer = this.#options.clock.after(delayMs, () => {
      this.#looking = this.#look();
    });
  }

  async #look(): Promise<void> {
    let nextMs = lookMs;
    try {
      await this.#makeDeliveries();
      await this.#take([...this.#targets.keys()].filter((name) => !this.#sending.has(name)));
      if (this.#looks % abandonEvery === 0) await this.#abandon();
      this.#looks += 1;
    } catch (error) {
      const reason = faultOf(error).message;
      this.#options.log.warn({ reason }, "the outbox cannot be read, will be retried");
      nextMs = retryMs;
    }
    this.#lookAfter(nextMs);
  }

  async #makeDeliveries(): Promise<void> {
    const { session, clock } = this.#options;
    const names = [...this.#targets.keys()];
    const channels = Array.from(this.#targets.values(), ({ channel }) => channel);
    for (let batch = 0; batch < batchesOfLookMax; batch += 1) {
      const now = clock.now();
      const giveUpAt = instant(now + deliverMaxMs);
      const values = [names, channels, timeOf(now), timeOf(giveUpAt), alertsMax];
      if ((await session.run(makeDeliveries, values)).length < alertsMax) return;
    }
  }

  /** Takes what is due first for each of these targets, and sends it without waiting for the end. */
  async #take(names: readonly string[]): Promise<void> {
    if (names.length === 0 || this.#stopped) return;
    const { session, clock } = this.#options;
    const now = clock.now();
    const claimedUntil = instant(now + claimMs);
    const rows = await session.run(claimDeliveries, [names, timeOf(now), timeOf(claimedUntil)]);
    for (const row of rows) {
      const delivery = deliveryFrom(row);
      const target = this.#targets.get(delivery.target);
      if (!target) continue;
      this.#sending.set(target.name, this.#send(target, delivery, claimedUntil));
    }
  }

  /** One try, and the next delivery of the target unless this one is to be tried again. */
  async #send(target: AlertTarget, delivery: Delivery, claimedUntil: Instant): Promise<void> {
    const { log } = this.#options;
    let isNextDue = false;
    try {
      const tried = await target.tell(delivery.alert);
      isNextDue = await this.#note(target, delivery, claimedUntil, tried);
    } catch (error) {
      // What became of it is not written down: it is taken again when the claim is over.
      log.warn({ err: error, target: target.name }, "a delivery was left half done");
    }
    this.#sending.delete(target.name);
    if (!isNextDue) return;
    await this.#take([target.name]).catch((error: unknown) => {
      log.warn({ reason: faultOf(error).message }, "the outbox cannot be read, will be retried");
    });
  }

  /** Writes down what became of a try. @returns whether this alert is done with, well or not */
  async #note(
    target: AlertTarget,
    delivery: Delivery,
    claimedUntil: Instant,
    tried: Tried,
  ): Promise<boolean> {
    const { session, clock, log, onDelivery, random } = this.#options;
    const { alert, shard, attempts, giveUpAt } = delivery;
    const claimed = [alert.id, target.name, shard, timeOf(claimedUntil)];
    const told = { alert: alert.id, target: target.name, attempts: attempts + 1 };
    const now = clock.now();
    if (tried.kind === "delivered") {
      await session.run(noteDelivered, [alert.id, target.name, shard, timeOf(now)]);
      onDelivery(target.channel, "delivered");
      return true;
    }
    const { reason } = tried;
    const next = this.#nextTry(tried, attempts + 1, now, giveUpAt, random());
    if (next !== null) {
      await session.run(delayDelivery, [...claimed, timeOf(next), reason]);
      onDelivery(target.channel, "failed");
      const later = { ...told, reason, waitMs: next - now };
      if (attempts === 0) log.warn(later, "an alert could not be delivered, will be retried");
      return false;
    }
    await session.run(failDelivery, [...claimed, reason]);
    onDelivery(target.channel, "given_up");
    log.error({ ...told, reason }, "an alert is given up: `quotactl alerts resend` tries it again");
    return true;
  }

  #nextTry(
    tried: Exclude<Tried, { kind: "delivered" }>,
    tries: number,
    now: Instant,
    giveUpAt: Instant,
    random: number,
  ): Instant | null {
    switch (tried.kind) {
      case "refused":
        return null;
      case "again":
        return nextTry({ tries, now, giveUpAt, retryAfterMs: tried.retryAfterMs, random });
      default:
        return unreachable(tried);
    }
  }

  async #abandon(): Promise<void> {
    const { session, clock, log } = this.#options;
    const names = [...this.#targets.keys()];
    const rows = await session.run(abandonDeliveries, [names, timeOf(clock.now())]);
    if (rows.length === 0) return;
    const targets = [...new Set(rows.map((row) => String(row["target"])))];
    log.warn({ deliveries: rows.length, targets }, "alerts for targets of before are given up");
  }
}

function timeOf(at: Instant): Date {
  return new Date(at);
}
