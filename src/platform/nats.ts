import { jetstream } from "@nats-io/jetstream";
import { connect, createInbox, type NatsConnection } from "@nats-io/transport-node";

import { Fault } from "../wire/fault.ts";
import { edgeInboxes, eventStream } from "../wire/subject.ts";
import type { Clock } from "./clock.ts";
import { connectOptions } from "./nats-address.ts";
import type { Heard } from "./nats-heard.ts";
import { listenOn, type Listener } from "./nats-listener.ts";
import { prepareStream } from "./nats-stream.ts";

/** Between tries to connect, before the first connection and after a lost one. */
const reconnectMs = 1_000;
/** A message not acknowledged by then may or may not be stored. */
const ackMs = 5_000;
/** A longer announcement is not ours. */
const heardBytesMax = 4_096;
/** Of a server that has not said yet what it takes. */
const payloadBytesByDefault = 1_048_576;
/** What is on its way at the end has so long. */
const drainMs = 2_000;

export interface NatsOptions {
  /** nats:// or tls:// addresses; the first with user and password, or a token, says them for all. */
  readonly servers: readonly string[];
  readonly name: string;
  readonly clock: Clock;
  readonly log: {
    info(fields: object, text: string): void;
    warn(fields: object, text: string): void;
  };
}

export interface EventMessage {
  readonly subject: string;
  /** Of the event: the stream drops what it has stored under the same one in the last ten minutes. */
  readonly id: string;
  readonly text: string;
}

/** What is sent without being kept. */
export interface Sent {
  readonly subject: string;
  readonly text: string;
  /** Where an answer is heard; absent = none is. */
  readonly reply?: string;
}

/** What the bus needs of it. */
export type NatsLine = Pick<
  Nats,
  "connected" | "payloadBytesMax" | "onLost" | "newInbox" | "send" | "subscribe" | "listen"
>;

/**
 * The one connection to NATS of this process. It is made in the background, so that a process starts while NATS is
 * away, and made again whenever it is lost.
 *
 *     connecting ──▶ connected ──lost──▶ connecting …
 *         └──────────────┴──close──▶ closed
 */
export class Nats {
  readonly #options: NatsOptions;
  #connection: NatsConnection | null = null;
  #connected = false;
  #lost = 0;
  /** When a sign of life was asked for that has not come; null = none is awaited. */
  #askedMs: number | null = null;
  /** The stream is there, as far as this connection knows. */
  #stream: Promise<void> | null = null;
  readonly #listeners = new Set<Listener>();
  readonly #onLost: (() => void)[] = [];
  #closed = false;
  #wake: () => void = () => undefined;

  constructor(options: NatsOptions) {
    this.#options = options;
    void this.#live();
  }

  /** Whether there is a connection now. */
  get connected(): boolean {
    return this.#connected;
  }

  /** How many connections were lost since the start. */
  get lost(): number {
    return this.#lost;
  }

  /** How long the server owes a sign of life that was asked for. A silent line is given up much later. */
  get silentMs(): number {
    return this.#askedMs === null ? 0 : this.#options.clock.elapsedMs() - this.#askedMs;
  }

  /** Asks the server for a sign of life, if none is awaited; `silentMs` tells how that goes. */
  askForLife(): void {
    if (!this.#connection || !this.#connected || this.#askedMs !== null) return;
    this.#askedMs = this.#options.clock.elapsedMs();
    const answered = (): void => {
      this.#askedMs = null;
    };
    this.#connection.flush().then(answered, answered);
  }

  /**
   * Stores an event in the stream, which is made if it is not there.
   * @throws Fault SHARD_UNAVAILABLE when there is no connection, so that nothing was sent; OUTCOME_UNKNOWN when NATS
   *   did not say that it is stored: sending it again with the same id is safe
   */
  async publish({ subject, id, text }: EventMessage): Promise<void> {
    const connection = this.#connection;
    if (!connection || !this.#connected) {
      throw new Fault("SHARD_UNAVAILABLE", "NATS is not connected");
    }
    try {
      this.#stream ??= prepareStream(connection, ackMs);
      await this.#stream;
      const expect = { streamName: eventStream.name };
      await jetstream(connection).publish(subject, text, { msgID: id, timeout: ackMs, expect });
    } catch (error) {
      this.#stream = null;
      const reason = error instanceof Error ? error.message : String(error);
      throw new Fault("OUTCOME_UNKNOWN", `NATS did not store the event: ${reason}`, {
        cause: error,
      });
    }
  }

  /** The largest message that the server takes, headers included. */
  get payloadBytesMax(): number {
    return this.#connection?.info?.max_payload ?? payloadBytesByDefault;
  }

  /** Runs whenever the connection is lost: what was sent may or may not have arrived, and is answered to nobody. */
  onLost(run: () => void): void {
    this.#onLost.push(run);
  }

  /** A subject of this process alone, to which a part is added. */
  newInbox(): string {
    return createInbox(edgeInboxes);
  }

  /** Sends without waiting. @returns false when nothing was sent: there is no connection, or it is being closed */
  send({ subject, text, reply }: Sent): boolean {
    if (!this.#connection || !this.#connected) return false;
    try {
      this.#connection.publish(subject, text, reply === undefined ? {} : { reply });
      return true;
    } catch {
      return false;
    }
  }

  /**
   * Hears what is said on a subject from now on, as long as there is a connection; what is said meanwhile is missed.
   * @param queue of each message one of the queue hears
   * @returns ends it: what has arrived by then is still heard
   */
  subscribe(subject: string, hear: (heard: Heard) => void, queue?: string): () => void {
    const listener: Listener = { subject, queue, hear, live: null };
    this.#listeners.add(listener);
    if (this.#connection) listenOn(this.#connection, listener);
    return () => {
      if (!this.#listeners.delete(listener)) return;
      if (this.#connected) listener.live?.drain().catch(() => undefined);
      else listener.live?.unsubscribe();
    };
  }

  /**
   * Hears announcements.
   * @param hear given the text; what is longer than 4,096 bytes is not heard
   * @returns ends it: nothing is heard from then on
   */
  listen(subject: string, hear: (text: string) => void): () => void {
    let isEnded = false;
    const end = this.subscribe(subject, (heard) => {
      if (!isEnded && heard.bytes <= heardBytesMax) hear(heard.text());
    });
    return () => {
      isEnded = true;
      end();
    };
  }

  /** Sends what is on its way and closes, in two seconds at most. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#wake();
    const connection = this.#connection;
    if (!connection) return;
    const drained = this.#connected ? connection.drain() : connection.close();
    await Promise.race([drained.catch(() => undefined), this.#sleep(drainMs)]);
    this.#wake();
    await connection.close().catch(() => undefined);
  }

  async #live(): Promise<void> {
    const { servers, name } = this.#options;
    let said = false;
    while (!this.#closed) {
      try {
        await this.#hold(await connect(connectOptions(servers, name, reconnectMs)));
        said = false;
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        if (!said) this.#options.log.warn({ reason }, "NATS is away, will be tried again");
        said = true;
      }
      if (!this.#isClosed()) await this.#sleep(reconnectMs);
    }
  }

  /** Lasts as long as the connection, which reconnects by itself until somebody closes it. */
  async #hold(connection: NatsConnection): Promise<void> {
    if (this.#isClosed()) {
      await connection.close();
      return;
    }
    const { log } = this.#options;
    this.#connection = connection;
    this.#connected = true;
    for (const listener of this.#listeners) listenOn(connection, listener);
    log.info({ server: connection.getServer() }, "connected to NATS");
    for await (const status of connection.status()) {
      if (status.type === "disconnect") {
        this.#connected = false;
        this.#lost += 1;
        this.#stream = null;
        for (const run of this.#onLost) run();
        if (!this.#isClosed())
          log.warn({ server: status.server }, "the connection to NATS is lost");
      }
      if (status.type === "reconnect") {
        this.#connected = true;
        log.info({ server: status.server }, "connected to NATS again");
      }
    }
    this.#connected = false;
    this.#connection = null;
  }

  #isClosed(): boolean {
    return this.#closed;
  }

  #sleep(delayMs: number): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.#options.clock.after(delayMs, resolve);
      this.#wake = () => {
        cancel();
        resolve();
      };
    });
  }
}
