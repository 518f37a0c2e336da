import type { Outcome } from "../domain/outcome.ts";
import { Fault } from "../wire/fault.ts";
import type { Message } from "../wire/message.ts";
import { messageText, parcelText, refusalFrom, sheetFrom } from "../wire/parcel.ts";
import { shardsMovedFrom } from "../wire/shards-moved.ts";
import { parcelSubject, shardsMovedSubject, shardSubject } from "../wire/subject.ts";
import { sheetPart } from "./bus-nats-owner.ts";
import type { Clock } from "./clock.ts";
import { Gathering } from "./gathering.ts";
import type { NatsLine } from "./nats.ts";
import type { Heard } from "./nats-heard.ts";

/** An owner answers at the deadline itself: so much longer is waited for what it says. */
const graceMs = 100;
/** Deadlines are looked at no more often. */
const sweepMs = 10;

/** A message on its way, answered once. */
interface Awaited {
  /** Of the shard that it asks. */
  readonly subject: string;
  readonly changes: boolean;
  /** On the monotonic clock. */
  readonly untilMs: number;
  parcel: Parcel | null;
  readonly resolve: (outcome: Outcome) => void;
  readonly reject: (fault: Fault) => void;
}

interface Parcel {
  readonly parcelNo: number;
  readonly messageNos: readonly number[];
  open: number;
}

/**
 * The edges' side of the bus.
 *
 *     gathered ──sent──▶ on its way ──▶ answered
 *         │                  ├────────▶ nobody owns the shard: nothing happened
 *         │                  └────────▶ deadline, connection lost, owner lost: unknown; a question has changed nothing
 *         └──NATS away───▶ nothing happened
 */
export class NatsEdge {
  readonly #nats: NatsLine;
  readonly #clock: Clock;
  readonly #inbox: string;
  readonly #awaited = new Map<number, Awaited>();
  readonly #parcels = new Map<number, Parcel>();
  readonly #parcelsOut: Gathering<{ readonly text: string; readonly no: number }>;
  #nextNo = 0;
  #nextParcelNo = 0;
  /** When the deadlines are looked at next; null = nobody waits. */
  #sweepAtMs: number | null = null;

  constructor(options: { readonly nats: NatsLine; readonly clock: Clock }) {
    const { nats, clock } = options;
    this.#nats = nats;
    this.#clock = clock;
    this.#inbox = nats.newInbox();
    this.#parcelsOut = new Gathering({
      clock,
      bytesMax: () => nats.payloadBytesMax,
      send: (address, parts) => {
        this.#send(address, parts);
      },
      onTooLarge: ({ no }) => {
        this.#fail(no, tooLarge);
      },
    });
    nats.subscribe(`${this.#inbox}.*`, (heard) => {
      this.#hear(heard);
    });
    nats.listen(shardsMovedSubject, (text) => {
      this.#hearMoved(text);
    });
    nats.onLost(() => {
      for (const no of [...this.#awaited.keys()]) this.#lose(no, "NATS was lost");
    });
  }

  /** Messages that are not answered yet. */
  get waiting(): number {
    return this.#awaited.size;
  }

  /** @throws Fault, see `Bus.request` */
  request(subject: string, message: Message): Promise<Outcome> {
    if (!this.#nats.connected) return Promise.reject(away);
    return new Promise((resolve, reject) => {
      const { kind } = message.request;
      const changes = kind !== "check" && kind !== "get" && kind !== "refresh";
      const leftMs = message.deadline - this.#clock.now() + graceMs;
      const untilMs = this.#clock.elapsedMs() + leftMs;
      const no = this.#nextNo++;
      this.#awaited.set(no, { subject, changes, untilMs, parcel: null, resolve, reject });
      this.#parcelsOut.add(subject, { no, text: messageText({ no, message }) });
      this.#sweepBy(untilMs);
    });
  }

  #send(subject: string, parts: readonly { readonly text: string; readonly no: number }[]): void {
    const parcelNo = this.#nextParcelNo++;
    const messageNos = parts.map(({ no }) => no).filter((no) => this.#awaited.has(no));
    if (messageNos.length === 0) return;
    const parcel = { parcelNo, messageNos, open: messageNos.length };
    this.#parcels.set(parcelNo, parcel);
    for (const no of messageNos) {
      const awaited = this.#awaited.get(no);
      if (awaited) awaited.parcel = parcel;
    }
    const text = parcelText(parts.map((part) => part.text));
    const reply = `${this.#inbox}.${parcelNo}`;
    if (this.#nats.send({ subject: parcelSubject(subject), text, reply })) return;
    for (const no of messageNos) this.#fail(no, away);
  }

  #hear(heard: Heard): void {
    const part = heard.subject.slice(this.#inbox.length + 1);
    if (part === sheetPart) {
      for (const answered of sheetFrom(heard.text())) {
        if ("fault" in answered) this.#fail(answered.no, answered.fault);
        else this.#end(answered.no)?.resolve(answered.outcome);
      }
      return;
    }
    const fault = heard.nobody ? nobody : refusalFrom(heard.text());
    for (const no of this.#parcels.get(Number(part))?.messageNos ?? []) this.#fail(no, fault);
  }

  /** A shard is free once its owner's journal is closed: who has not answered by then never will. */
  #hearMoved(text: string): void {
    const moved = shardsMovedFrom(text);
    if (moved?.to !== null) return;
    const free = new Set(moved.shards.map(shardSubject));
    for (const [no, { subject, parcel }] of this.#awaited) {
      if (parcel && free.has(subject)) this.#lose(no, "the writer was closed");
    }
  }

  #fail(no: number, fault: Fault): void {
    this.#end(no)?.reject(fault);
  }

  #lose(no: number, why: string): void {
    const awaited = this.#end(no);
    awaited?.reject(
      awaited.changes
        ? new Fault("OUTCOME_UNKNOWN", `${why} before the owner answered`)
        : new Fault("SHARD_UNAVAILABLE", `${why} before the owner answered a question`),
    );
  }

  /** @returns undefined when it was answered before */
  #end(no: number): Awaited | undefined {
    const awaited = this.#awaited.get(no);
    this.#awaited.delete(no);
    const parcel = awaited?.parcel;
    if (parcel && --parcel.open === 0) this.#parcels.delete(parcel.parcelNo);
    return awaited;
  }

  /** One timer for all: most are answered long before it runs. */
  #sweepBy(untilMs: number): void {
    if (this.#sweepAtMs !== null && this.#sweepAtMs <= untilMs) return;
    const delayMs = Math.max(untilMs - this.#clock.elapsedMs(), sweepMs);
    const atMs = this.#clock.elapsedMs() + delayMs;
    this.#sweepAtMs = atMs;
    this.#clock.after(delayMs, () => {
      if (this.#sweepAtMs === atMs) this.#sweep();
    });
  }

  #sweep(): void {
    this.#sweepAtMs = null;
    const nowMs = this.#clock.elapsedMs();
    let nextMs = Infinity;
    for (const [no, { untilMs }] of this.#awaited) {
      if (untilMs <= nowMs) this.#lose(no, "the deadline passed");
      else nextMs = Math.min(nextMs, untilMs);
    }
    if (nextMs < Infinity) this.#sweepBy(nextMs);
  }
}

const away = new Fault("SHARD_UNAVAILABLE", "NATS is not connected: nothing was sent");
const nobody = new Fault("SHARD_UNAVAILABLE", "nobody owns the shard at this moment");
const tooLarge = new Fault("INTERNAL", "the request is larger than the max_payload of NATS");
