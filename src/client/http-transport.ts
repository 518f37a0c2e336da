import { Agent, type Dispatcher, request } from "undici";

import type { Call } from "./call.ts";
import { readBody } from "./exact-json.ts";
import type { ClientTimer } from "./timer.ts";
import type { Heard, Transport } from "./transport.ts";

const connectionsMaxDefault = 64; // further calls wait for a connection within their time
const answerBytesMax = 4 * 1_024 * 1_024; // of one body; a longer one is lost
const path = "/api/v1/quotas";

/** A token, or where to get it: asked before every try, so that one that expires can be replaced. */
export type TokenSource = string | (() => string | Promise<string>);

export interface HttpOptions {
  /** Such as `http://127.0.0.1:40022`. */
  readonly url: string;
  readonly token: TokenSource;
  /** To the one address; 64 by default. */
  readonly connectionsMax?: number;
}

/** Carries calls over HTTP, on connections that stay open. Redirects are not followed. */
export function httpTransport(
  { url, token, connectionsMax = connectionsMaxDefault }: HttpOptions,
  timer: ClientTimer,
): Transport {
  const agent = new Agent({ connections: connectionsMax, maxResponseSize: answerBytesMax });
  return {
    send: async (call, tryMs, trace) => {
      const bearer = typeof token === "string" ? token : await token();
      const overdue = new AbortController();
      const cancel = timer.after(tryMs, () => {
        overdue.abort();
      });
      try {
        const answer = await request(new URL(pathOf(call), url), {
          ...contentOf(call),
          dispatcher: agent,
          signal: overdue.signal,
          headers: {
            accept: "application/json",
            authorization: `Bearer ${bearer}`,
            ...(call.kind === "key" && call.op === "get"
              ? {}
              : { "content-type": "application/json" }),
            ...(trace === undefined ? {} : { traceparent: trace }),
          },
        });
        const body = readBody(await answer.body.text());
        return { kind: "answered", status: answer.statusCode, body, retryAfterMs: waitOf(answer) };
      } catch (error) {
        if (overdue.signal.aborted) {
          return { kind: "lost", wasSent: true, reason: `no answer within ${tryMs} ms` };
        }
        return lostBy(error);
      } finally {
        cancel();
      }
    },
    close: () => agent.destroy(),
  };
}

function pathOf(call: Call): string {
  if (call.kind === "batch") return `${path}/batch`;
  if (call.op !== "get") return `${path}/${call.op}`;
  const { merchant_id: merchantId, currency } = call.request;
  return `${path}/merchant/${encodeURIComponent(merchantId)}/currency/${encodeURIComponent(currency)}`;
}

function contentOf(call: Call): { readonly method: "GET" | "POST"; readonly body?: string } {
  if (call.kind === "batch") {
    return { method: "POST", body: JSON.stringify({ operations: call.operations }) };
  }
  if (call.op === "get") return { method: "GET" };
  return { method: "POST", body: JSON.stringify(call.request) };
}

/** In seconds, which is all that the service says; a date counts as not said. */
function waitOf({ headers }: Dispatcher.ResponseData): number | null {
  const said = headers["retry-after"];
  return typeof said === "string" && /^[0-9]{1,6}$/.test(said) ? Number(said) * 1_000 : null;
}

/** Errors before the first byte could be sent. */
const unsentCodes: ReadonlySet<string> = new Set([
  "ECONNREFUSED",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "ENOTFOUND",
  "EAI_AGAIN",
  "UND_ERR_CONNECT_TIMEOUT",
]);

/** Without the address, which the caller knows and which may hold a secret. */
function lostBy(error: unknown): Heard {
  const hasCode = error instanceof Error && "code" in error && typeof error.code === "string";
  const code = hasCode ? String(error.code) : "the connection failed";
  return { kind: "lost", wasSent: !unsentCodes.has(code), reason: code };
}
