import type { IncomingMessage, ServerResponse } from "node:http";

import type { Cancel, Clock } from "../platform/clock.ts";
import { Fault } from "../wire/fault.ts";
import { faultReply } from "../wire/reply.ts";

/** How often the loop says that it turns. */
const probeMs = 10;
/** Of the time that a request has: who has waited longer in its socket is refused. It leaves time to be served. */
const waitedShare = 1 / 4;
/** Let in at each turn, however long they have waited: a loop that is late for so few is late for another reason. */
const letInMin = 100;

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
 * Turns away requests that have waited too long before anything is read of them but their head. With all of HTTP on one
 * thread the longest line is in the sockets, where nobody counts it: a turn of the event loop serves whatever had come
 * when it began, and who is read at its end has waited since. Such a request is answered `OVERLOADED` for about a fifth
 * of what serving costs, so that a turn ends, and what was let in goes on to its owner.
 */
export class Gate {
  readonly #clock: Clock;
  readonly #waitedMaxMs: number;
  readonly #requestIdOf: (request: IncomingMessage) => string;
  readonly #onRefused: (method: string) => void;
  #cancel: Cancel | null = null;
  /** When the loop is to turn next; what is read after it has waited since then at least. */
  #dueMs = 0;
  /** Let in since the last turn. */
  #letIn = 0;

  constructor(options: {
    readonly clock: Clock;
    readonly requestTimeoutMs: number;
    readonly requestIdOf: (request: IncomingMessage) => string;
    readonly onRefused: (method: string) => void;
  }) {
    this.#clock = options.clock;
    this.#waitedMaxMs = options.requestTimeoutMs * waitedShare;
    this.#requestIdOf = options.requestIdOf;
    this.#onRefused = options.onRefused;
    this.#probe();
  }

  /** @returns whether it has refused, and answered, the request */
  refuses(request: IncomingMessage, response: ServerResponse): boolean {
    const waitedMs = this.#clock.elapsedMs() - this.#dueMs;
    if (waitedMs > this.#waitedMaxMs && this.#letIn >= letInMin && mayBeRefused(request.url)) {
      this.#refuse(request, response);
      return true;
    }
    this.#letIn += 1;
    return false;
  }

  close(): void {
    this.#cancel?.();
  }

  #refuse(request: IncomingMessage, response: ServerResponse): void {
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
    this.#onRefused(request.method ?? "");
  }

  #probe(): void {
    this.#dueMs = this.#clock.elapsedMs() + probeMs;
    this.#letIn = 0;
    this.#cancel = this.#clock.after(probeMs, () => {
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
