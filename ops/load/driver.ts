import { connect } from "@nats-io/transport-node";

import type { BatchOperation, Call } from "../../src/client/call.ts";
import { answerOf, type Faulty, partOf } from "../../src/client/answer.ts";
import { httpTransport } from "../../src/client/http-transport.ts";
import { natsTransport } from "../../src/client/nats-transport.ts";
import type { ClientTimer } from "../../src/client/timer.ts";
import type { Transport } from "../../src/client/transport.ts";
import type { QuotaReply } from "../../src/wire/http-reply.ts";
import type { Ask } from "./ask.ts";
import type { Outcome } from "./ledger.ts";
import type { Plan } from "./plan.ts";

/** What one operation met; the code is null where it was applied. */
export interface Met {
  readonly outcome: Outcome;
  readonly code: string | null;
  /** Whether the service has decided on this very number: not so when it, or somebody before it, did nothing. */
  readonly isDecided: boolean;
}

/** Sends the operations of a load: each call once, nothing is repeated behind its back. */
export interface Driver {
  /** @returns what each operation met, in their order; never throws for what the service does */
  send(asks: readonly Ask[]): Promise<readonly Met[]>;
  /** @returns what stands, exact; null when it was not answered */
  read(merchantId: string): Promise<QuotaReply | null>;
  close(): Promise<void>;
}

const callMs = 10_000; // then a call is lost, and its outcome unknown
const natsConnectMs = 5_000;

/** @throws Error when there is no connection to NATS */
export async function driverOf(plan: Plan, token: string, timer: ClientTimer): Promise<Driver> {
  const transport =
    plan.driver === "http"
      ? httpTransport({ url: plan.url, token, connectionsMax: plan.clients }, timer)
      : await ownNats(plan.url, timer);
  return driverOver(transport, plan.currency);
}

export function driverOver(transport: Transport, currency: string): Driver {
  const callOf = (asks: readonly Ask[]): Call => {
    const operations = asks.map((ask) => operationOf(ask, currency));
    const [first] = operations;
    if (operations.length > 1 || !first) return { kind: "batch", operations };
    const { op, ...request } = first;
    return { kind: "key", op, request };
  };
  return {
    send: async (asks) => {
      const call = callOf(asks);
      const answer = answerOf<{ readonly results?: unknown }>(await transport.send(call, callMs));
      if (call.kind === "key" || answer.kind !== "ok") return asks.map(() => metBy(answer));
      const results: unknown = answer.reply.results;
      return asks.map((_, index) =>
        metBy(partOf(Array.isArray(results) ? results[index] : undefined)),
      );
    },
    read: async (merchantId) => {
      const call = {
        kind: "key",
        op: "get",
        request: { merchant_id: merchantId, currency },
      } as const;
      const answer = answerOf<QuotaReply>(await transport.send(call, callMs));
      return answer.kind === "ok" ? answer.reply : null;
    },
    close: () => transport.close(),
  };
}

function operationOf({ op, merchantId, orderNo, amount }: Ask, currency: string): BatchOperation {
  const key = { merchant_id: merchantId, currency };
  if (op === "check") return { op, ...key, amount };
  const order = { ...key, order_no: orderNo, amount };
  return op === "consume" ? { op, ...order } : { op, ...order };
}

function metBy(
  answer: { readonly kind: "ok" } | { readonly kind: "refused"; readonly code: string } | Faulty,
): Met {
  if (answer.kind === "ok") return { outcome: "applied", code: null, isDecided: true };
  if (answer.kind === "refused") return { outcome: "refused", code: answer.code, isDecided: true };
  const { code, isOutcomeUnknown } = answer.fault;
  return { outcome: isOutcomeUnknown ? "unknown" : "refused", code, isDecided: false };
}

/** A connection of the load's own. Its client reads no credentials out of an address. */
async function ownNats(url: string, timer: ClientTimer): Promise<Transport> {
  const { host, protocol, username, password } = new URL(url);
  const connection = await connect({
    servers: host,
    name: "load",
    timeout: natsConnectMs,
    maxReconnectAttempts: -1,
    ...(protocol === "tls:" ? { tls: {} } : {}),
    ...(username === ""
      ? {}
      : { user: decodeURIComponent(username), pass: decodeURIComponent(password) }),
  });
  const transport = natsTransport(connection, timer);
  return { ...transport, close: () => connection.close() };
}
