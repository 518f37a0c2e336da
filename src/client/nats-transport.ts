import {
  ClosedConnectionError,
  headers,
  type MsgHdrs,
  NoRespondersError,
  PermissionViolationError,
  RequestError,
} from "@nats-io/transport-node";

import { askSubject } from "../wire/subject.ts";
import type { KeyRequest } from "./call.ts";
import { readBody } from "./exact-json.ts";
import type { ClientTimer } from "./timer.ts";
import type { Body, Heard, Transport } from "./transport.ts";

/** What the client needs of a connection of `@nats-io/transport-node`. */
export interface NatsRequester {
  request(
    subject: string,
    payload: string,
    options: { readonly timeout: number; readonly headers: MsgHdrs },
  ): Promise<{ string(): string }>;
}

const merchantIdForm = /^[A-Za-z0-9_-]{1,64}$/;
const currencyForm = /^[A-Z][A-Z0-9]{2,9}$/;

/** Carries calls over NATS, on a connection of the caller's own, which is not closed here. */
export function natsTransport(connection: NatsRequester, timer: ClientTimer): Transport {
  return {
    send: async (call, tryMs, trace) => {
      if (call.kind === "batch") return invalid("a batch goes over HTTP");
      const { merchant_id: merchantId, currency, ...body } = call.request;
      const wrong = wrongKey(call.request);
      if (wrong !== undefined) return invalid(wrong);
      const options = { timeout: tryMs, headers: headersOf(timer.now() + tryMs, trace) };
      const subject = askSubject(call.op, merchantId, currency);
      try {
        const message = await connection.request(subject, JSON.stringify(body), options);
        return answered(readBody(message.string()));
      } catch (error) {
        return lostBy(error, tryMs);
      }
    },
    close: () => Promise.resolve(),
  };
}

/** Both are tokens of the subject: a dot or a wildcard would ask somebody else. */
function wrongKey({ merchant_id: merchantId, currency }: KeyRequest): string | undefined {
  if (!merchantIdForm.test(merchantId)) return "merchant_id is not one";
  return currencyForm.test(currency) ? undefined : "currency is not one";
}

/** An owner that has not begun by then drops the request unapplied. */
function headersOf(deadline: number, trace: string | undefined): MsgHdrs {
  const carried = headers();
  carried.set("deadline", String(Math.ceil(deadline)));
  if (trace !== undefined) carried.set("traceparent", trace);
  return carried;
}

function answered(body: Body | null): Heard {
  const { status, ...rest } = body ?? {};
  if (typeof status !== "number") {
    return { kind: "answered", status: 0, body: null, retryAfterMs: null };
  }
  return { kind: "answered", status, body: rest, retryAfterMs: null };
}

function lostBy(error: unknown, tryMs: number): Heard {
  const cause = error instanceof RequestError ? error.cause : error;
  if (cause instanceof NoRespondersError) {
    return { kind: "lost", wasSent: false, reason: "nobody answers there now" };
  }
  if (cause instanceof ClosedConnectionError) {
    return { kind: "lost", wasSent: false, reason: "the connection to NATS is closed" };
  }
  if (cause instanceof PermissionViolationError) {
    return said(403, "FORBIDDEN", "NATS does not let this user ask there");
  }
  const reason = cause instanceof Error ? cause.message : `no answer within ${tryMs} ms`;
  return { kind: "lost", wasSent: true, reason };
}

function invalid(message: string): Heard {
  return said(400, "INVALID_REQUEST", message);
}

/** What the service would say, said here: nothing was sent. */
function said(status: number, code: string, message: string): Heard {
  return { kind: "answered", status, body: { code, message }, retryAfterMs: null };
}
