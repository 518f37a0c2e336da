import { type Instant, instant } from "../../src/domain/instant.ts";
import type { Cancel, Clock } from "../../src/platform/clock.ts";
import type { Row, Session } from "../../src/platform/database.ts";
import type { EventMessage } from "../../src/platform/nats.ts";
import { eventText } from "../../src/wire/event.ts";
import { faultOf } from "../../src/wire/fault.ts";
import { usageSubject } from "../../src/wire/subject.ts";
import type { Log } from "../ports.ts";
import { amount, flag, list, moment, text, textOrNull, whole } from "../store/row.ts";
import type { EventStream } from "./targets.ts";
import { claimWriter, dropMarks, endFeed, keepFeed, moveMark, nextEntries } from "./usage-sql.ts";

/** How often new journal rows are looked for; and after NATS or Postgres said no. */
const lookMs = 500;
const retryMs = 5_000;
/** Every so many looks, writers that came and went are seen to. */
const keepEvery = 20;
/** Journal rows read at once, and events on their way to NATS at once. */
const rowsMax = 10;
const eventsMax = 100;
/** So long a node has a writer's journal to itself, again from each move of the mark. */
const claimMs = 60_000;

/**
 * Publishes every accepted change from the journal, at least once and behind the answers, and keeps a mark for each
 * writer: journal rows wait for it, a day at most, however long NATS is away. Every node may have one.
 */
export class UsageFeed {
  readonly #session: Session;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #nats: EventStream;
  #looks = 0;
  #looking: Promise<void> = Promise.resolve();
  #timer: Cancel | null = null;
  #isTroubled = false;
  #stopped = false;

  constructor(options: {
    readonly session: Session;
    readonly clock: Clock;
    readonly log: Log;
    readonly nats: EventStream;
  }) {
    this.#session = options.session;
    this.#clock = options.clock;
    this.#log = options.log;
    this.#nats = options.nats;
  }

  /** Begins to look; the schema has to be there. */
  start(): void {
    this.#lookAfter(0);
  }

  /** Finishes what is on its way: some seconds at most. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#timer?.();
    await this.#looking;
  }

  #lookAfter(delayMs: number): void {
    if (this.#stopped) return;
    this.#timer = this.#clock.after(delayMs, () => {
      this.#looking = this.#look();
    });
  }

  async #look(): Promise<void> {
    try {
      if (this.#looks % keepEvery === 0) await this.#keep();
      this.#looks += 1;
      while (!this.#isStopped() && (await this.#publishNext()));
      this.#isTroubled = false;
      this.#lookAfter(lookMs);
    } catch (error) {
      const reason = faultOf(error).message;
      if (!this.#isTroubled) this.#log.warn({ reason }, "usage events wait, will be retried");
      this.#isTroubled = true;
      this.#lookAfter(retryMs);
    }
  }

  async #keep(): Promise<void> {
    await this.#session.run(keepFeed);
    await this.#session.run(dropMarks, [new Date(this.#clock.now())]);
  }

  /** Publishes what one writer has. @returns whether there was one */
  async #publishNext(): Promise<boolean> {
    const now = this.#clock.now();
    const values = [new Date(now), this.#claimedUntil(now)];
    const [claimed] = await this.#session.run(claimWriter, values);
    if (!claimed) return false;
    const { writer_id: writerId } = claimed;
    let seq = whole(claimed, "seq");
    try {
      for (;;) {
        const entries = await this.#session.run(nextEntries, [writerId, seq, rowsMax]);
        const last = entries.at(-1);
        if (!last || this.#isStopped()) break;
        await this.#publish(entries);
        this.#noteGap(seq, entries);
        seq = whole(last, "seq");
        const until = this.#claimedUntil(this.#clock.now());
        await this.#session.run(moveMark, [writerId, seq, until]);
      }
    } finally {
      await this.#session.run(moveMark, [writerId, seq, null]);
    }
    return true;
  }

  async #publish(entries: readonly Row[]): Promise<void> {
    const messages = entries.filter((entry) => flag(entry, "success")).map(messageOf);
    for (let sent = 0; sent < messages.length; sent += eventsMax) {
      const together = messages.slice(sent, sent + eventsMax);
      await Promise.all(together.map((message) => this.#nats.publish(message)));
    }
  }

  /**
   * Journal rows follow each other without a gap: where there is one, they had waited for a day. It is said once, when
   * the mark moves over it, and not with every try while NATS is away.
   */
  #noteGap(seq: number, [first]: readonly Row[]): void {
    const missing = first ? whole(first, "seq") - seq - 1 : 0;
    if (missing > 0) {
      this.#log.error({ batches: missing }, "usage events were not published within a day: lost");
    }
  }

  #claimedUntil(now: Instant): Date {
    return new Date(instant(now + claimMs));
  }

  #isStopped(): boolean {
    return this.#stopped;
  }
}

/** For a service that publishes none: nothing waits for it any more. Tried once, for the next start tries again. */
export async function endUsageFeed(session: Session, log: Log): Promise<void> {
  try {
    await session.run(endFeed);
  } catch (error) {
    log.warn({ reason: faultOf(error).message }, "marks of usage events are left as they are");
  }
}

function messageOf(entry: Row): EventMessage {
  const action = text(entry, "action_type");
  const merchantId = text(entry, "merchant_id");
  const currency = text(entry, "currency");
  const id = text(entry, "id");
  const event = eventText({
    v: 1,
    id,
    merchant_id: merchantId,
    currency,
    action,
    order_no: textOrNull(entry, "order_no"),
    payment_no: textOrNull(entry, "payment_no"),
    refund_no: textOrNull(entry, "refund_no"),
    periods: list(entry, "charged_periods").map(String),
    created_at: new Date(moment(entry, "created_at")).toISOString(),
    version: BigInt(whole(entry, "version")),
    amount: amount(entry, "amount"),
    daily_used: amount(entry, "daily_used_after"),
    monthly_used: amount(entry, "monthly_used_after"),
    yearly_used: amount(entry, "yearly_used_after"),
    pending_amount: amount(entry, "pending_after"),
    reserved_amount: amount(entry, "reserved_after"),
  });
  return { subject: usageSubject(action, merchantId, currency), id, text: event };
}
