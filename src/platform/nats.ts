import { jetstream, JetStreamApiError, jetstreamManager, StorageType } from "@nats-io/jetstream";
import { connect, type NatsConnection, nanos } from "@nats-io/transport-node";

import { Fault } from "../wire/fault.ts";
import { eventStream } from "../wire/subject.ts";
import type { Clock } from "./clock.ts";

/** Between tries to connect, before the first connection and after a lost one. */
const reconnectMs = 1_000;
const connectMaxMs = 5_000;
/** A message not acknowledged by then may or may not be stored. */
const ackMs = 5_000;
/** A longer announcement is not ours. */
const heardBytesMax = 4_096;
/** What is on its way at the end has so long. */
const drainMs = 2_000;

/** The stream, where nobody has made it in another shape: the oldest events go when it is full. */
const streamShape = {
  name: eventStream.name,
  subjects: [...eventStream.subjects],
  storage: StorageType.File,
  max_age: nanos(7 * 86_400_000),
  max_bytes: 1_073_741_824,
  duplicate_window: nanos(600_000),
};

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
  /** The stream is there, as far as this connection knows. */
  #stream: Promise<void> | null = null;
  readonly #listeners: { readonly subject: string; readonly hear: (text: string) => void }[] = [];
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
      this.#stream ??= prepareStream(connection);
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

  /**
   * Hears what is said on a subject from now on, as long as there is a connection; what is said meanwhile is missed.
   * @param hear given the text; what is longer than 4,096 bytes is not heard
   */
  listen(subject: string, hear: (text: string) => void): void {
    const listener = { subject, hear };
    this.#listeners.push(listener);
    if (this.#connection) subscribe(this.#connection, listener);
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
    let said = false;
    while (!this.#closed) {
      try {
        await this.#hold(await connect(connectOptions(this.#options)));
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
    for (const listener of this.#listeners) subscribe(connection, listener);
    log.info({ server: connection.getServer() }, "connected to NATS");
    for await (const status of connection.status()) {
      if (status.type === "disconnect") {
        this.#connected = false;
        this.#stream = null;
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

/** A subscription outlives a lost line: the client makes it again when it has reconnected. */
function subscribe(
  connection: NatsConnection,
  { subject, hear }: { readonly subject: string; readonly hear: (text: string) => void },
): void {
  connection.subscribe(subject, {
    callback: (error, message) => {
      if (error === null && message.data.byteLength <= heardBytesMax) hear(message.string());
    },
  });
}

/** Another node may make it at the same moment: the same shape twice is one stream. */
async function prepareStream(connection: NatsConnection): Promise<void> {
  const manager = await jetstreamManager(connection, { checkAPI: false, timeout: ackMs });
  try {
    await manager.streams.info(eventStream.name);
  } catch (error) {
    if (!(error instanceof JetStreamApiError) || error.status !== notFound) throw error;
    await manager.streams.add(streamShape);
  }
}

const notFound = 404;

/** The client reads no credentials out of an address. */
function connectOptions({ servers, name }: NatsOptions): Parameters<typeof connect>[0] {
  const addresses = servers.map((server) => new URL(server));
  const { username: user, password } = addresses.find(({ username }) => username !== "") ?? {
    username: "",
    password: "",
  };
  const credentials =
    user === ""
      ? {}
      : password === ""
        ? { token: decodeURIComponent(user) }
        : { user: decodeURIComponent(user), pass: decodeURIComponent(password) };
  return {
    servers: addresses.map(({ host }) => host),
    name,
    ...credentials,
    ...(addresses.some(({ protocol }) => protocol === "tls:") ? { tls: {} } : {}),
    timeout: connectMaxMs,
    maxReconnectAttempts: -1,
    reconnectTimeWait: reconnectMs,
    ignoreAuthErrorAbort: true,
  };
}
