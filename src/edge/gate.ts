import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";

import type { Cancel, Clock } from "../platform/clock.ts";
import { Congestion } from "../platform/congestion.ts";
import { Fault } from "../wire/fault.ts";
import { faultReply } from "../wire/reply.ts";

/** How often the event loop is asked whether it is late. */
const probeMs = 10;
/** The loop keeps up: nothing waits in the sockets for long. */
const onTimeMs = 20;
/** Let in at each probe, however late: a loop that is late for so few is late for another reason than load. */
const letInMin = 100;
/** Refusals that were not used up by refused requests, kept for later. */
const creditMax = 100;
/** As long as the answer asks its caller to stay away. */
const restMaxMs = 250;
/** Connections that are read again at each probe once the loop is on time. */
const wokenMax = 50;

/** What operators look at while a load is too much; machines' health and metrics are not below `/api/` at all. */
const neverRefused: ReadonlySet<string> = new Set([
  "/api/v1/live",
  "/api/v1/session",
  "/api/v1/cluster",
  "/api/v1/quotas/stats",
  "/api/v1/usage-logs/stats",
  "/api/v1/alerts/unresolved",
]);

/**
 * Turns requests away before anything is read of them but their head, while the event loop is late: then requests wait
 * in the sockets, where nobody counts them. It answers `OVERLOADED` for a fifth of what serving costs.
 *
 * A fifth is too much for a load of many times what can be served: refusing would take all the time. So each request
 * that is let through pays for one refusal. A connection that is refused beyond that rests: it is not read until one
 * more was paid for, or the time has passed that the answer asked its caller to wait. An unread connection costs nothing.
 */
export class Gate {
  readonly #clock: Clock;
  readonly #requestIdOf: (request: IncomingMessage) => string;
  readonly #onRefused: (method: string) => void;
  readonly #congestion: Congestion;
  #cancel: Cancel | null = null;
  /** When the running probe was to run, and how late the last one ran. */
  #dueMs: number;
  #lateMs = 0;
  /** Let in since the last probe. */
  #letIn = 0;
  #credit = 0;
  /** Refused in this turn of the loop, and to rest at its end. */
  #tired: Socket[] = [];
  #resting: { readonly socket: Socket; readonly untilMs: number }[] = [];

  constructor(options: {
    readonly clock: Clock;
    readonly requestTimeoutMs: number;
    readonly requestIdOf: (request: IncomingMessage) => string;
    readonly onRefused: (method: string) => void;
  }) {
    this.#clock = options.clock;
    this.#requestIdOf = options.requestIdOf;
    this.#onRefused = options.onRefused;
    this.#congestion = new Congestion(options.requestTimeoutMs);
    this.#dueMs = this.#clock.elapsedMs();
    this.#probe();
  }

  /** @returns whether it has refused, and answered, the request */
  refuses(request: IncomingMessage, response: ServerResponse): boolean {
    const nowMs = this.#clock.elapsedMs();
    // Within a long turn of the loop: what is read now has waited since it began.
    const lateMs = Math.max(this.#lateMs, nowMs - this.#dueMs);
    const isShut = this.#letIn >= letInMin && this.#congestion.isTooLong(lateMs, nowMs);
    if (!isShut || !mayBeRefused(request.url)) {
      this.#letIn += 1;
      this.#pays();
      return false;
    }
    this.#refuse(request, response);
    if (this.#credit > 0) this.#credit -= 1;
    else this.#tires(request.socket);
    return true;
  }

  /** Reads all connections again, and looks at nothing any more. */
  close(): void {
    this.#cancel?.();
    for (const { socket } of this.#resting.splice(0)) socket.resume();
  }

  #pays(): void {
    if (this.#resting.length > 0) this.#wake(1);
    else if (this.#credit < creditMax) this.#credit += 1;
  }

  #refuse(request: IncomingMessage, response: ServerResponse): void {
    const { method = "" } = request;
    const requestId = this.#requestIdOf(request);
    const { status, body, mediaType, headers } = faultReply(late, requestId);
    const text = JSON.stringify(body);
    response.writeHead(status, {
      ...headers,
      "content-type": `${mediaType}; charset=utf-8`,
      "content-length": Buffer.byteLength(text),
      "x-content-type-options": "nosniff",
      "x-request-id": requestId,
    });
    response.end(text);
    this.#onRefused(method);
  }

  /** It rests once its answer is on its way and before it is read again. */
  #tires(socket: Socket): void {
    if (this.#tired.length === 0) {
      this.#clock.soon(() => {
        const untilMs = this.#clock.elapsedMs() + restMaxMs;
        for (const tired of this.#tired.splice(0)) {
          tired.pause();
          this.#resting.push({ socket: tired, untilMs });
        }
      });
    }
    this.#tired.push(socket);
  }

  #wake(count: number): void {
    for (const { socket } of this.#resting.splice(0, count)) socket.resume();
  }

  #probe(): void {
    this.#dueMs = this.#clock.elapsedMs() + probeMs;
    this.#cancel = this.#clock.after(probeMs, () => {
      const nowMs = this.#clock.elapsedMs();
      this.#lateMs = nowMs - this.#dueMs;
      this.#letIn = 0;
      const isOnTime = this.#lateMs <= onTimeMs;
      if (isOnTime) this.#congestion.cleared(nowMs);
      const rested = this.#resting.findIndex(({ untilMs }) => untilMs > nowMs);
      this.#wake(Math.max(rested < 0 ? this.#resting.length : rested, isOnTime ? wokenMax : 0));
      this.#probe();
    });
  }
}

const late = new Fault("OVERLOADED", "the event loop is late");

function mayBeRefused(url = ""): boolean {
  if (!url.startsWith("/api/")) return false;
  const query = url.indexOf("?");
  return !neverRefused.has(query < 0 ? url : url.slice(0, query));
}
