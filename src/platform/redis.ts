import { Redis } from "ioredis";

import type { Clock } from "./clock.ts";
import type { Logger } from "./logger.ts";

/*
 * A line to Redis:
 *
 *     away ──connected, ready──▶ serving ──lost, or silent for too long──▶ away
 *       └── tries again for ever, with growing waits; one log line on each change ◀─┘
 *
 * Nothing here is the only copy of anything. While it is away every use is a miss, at once.
 */

/** A command without an answer by then is a miss. */
const commandTimeoutMs = 200;
/** A connection that is silent for so long while it owes an answer is cut, so that a hung Redis costs no more waiting. */
const silenceMaxMs = 1_000;
const connectTimeoutMs = 2_000;
const firstRetryMs = 50;
const retryMaxMs = 2_000;
/** What Redis refuses is logged so often at most. */
const complaintEveryMs = 60_000;
const full = /\bOOM\b/;

export interface RedisOptions {
  readonly host: string;
  readonly port: number;
  /** null = it wants none. */
  readonly password: string | null;
  readonly log: Pick<Logger, "info" | "warn">;
  readonly clock: Pick<Clock, "elapsedMs">;
}

/** Redis, which may be away at any moment: whoever uses it goes on without. */
export interface RedisLine {
  /** The library itself, for locks. Its commands fail at once while Redis is away. */
  readonly client: Redis;
  /** Why it is not to be used now; null = it serves. */
  readonly trouble: string | null;
  /** Never rejects. @returns undefined when Redis is away, slow, full or refuses: a miss */
  use<T>(work: (client: Redis) => Promise<T>): Promise<T | undefined>;
  close(): void;
}

/** Connects beside its caller; neither waits nor fails. */
export function openRedis({ host, port, password, log, clock }: RedisOptions): RedisLine {
  const client = new Redis({
    host,
    port,
    ...(password === null ? {} : { password }),
    connectionName: "quota",
    commandTimeout: commandTimeoutMs,
    socketTimeout: silenceMaxMs,
    connectTimeout: connectTimeoutMs,
    // What cannot be sent now is a miss: waiting would only make it a late one.
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    retryStrategy: (tries) => Math.min(firstRetryMs * 2 ** Math.min(tries, 16), retryMaxMs),
  });
  const address = `${host}:${port}`;
  const serves = (): boolean => client.status === "ready";
  let isClosed = false;
  let reason = "not connected yet";
  let isAway: boolean | undefined;
  let complainedMs = -Infinity;

  client.on("error", (error: Error) => {
    reason = reasonOf(error);
  });
  client.on("ready", () => {
    isAway = false;
    reason = "the connection was closed";
    log.info({ address }, "Redis serves");
  });
  client.on("close", () => {
    if (isAway === true || isClosed) return;
    isAway = true;
    log.warn({ address, reason }, "Redis is away: shared values are missed until it is back");
  });

  return {
    client,
    get trouble() {
      return serves() ? null : `${address} is away: ${reason}`;
    },
    use: async (work) => {
      if (!serves()) return undefined;
      try {
        return await work(client);
      } catch (error) {
        const refused = reasonOf(error);
        // A lost connection has its own line.
        if (!serves() || clock.elapsedMs() - complainedMs < complaintEveryMs) {
          return undefined;
        }
        complainedMs = clock.elapsedMs();
        const text = full.test(refused)
          ? "Redis is full: what is not kept there is missed"
          : "Redis does not do what it is asked";
        log.warn({ address, reason: refused }, text);
        return undefined;
      }
    },
    close: () => {
      isClosed = true;
      client.disconnect();
    },
  };
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  // A refused connection over several addresses says nothing itself.
  if (error instanceof AggregateError) return error.errors.map(reasonOf).join("; ");
  return error.message;
}
