import { type Answer, partOf, type Refused, type Result } from "./answer.ts";
import type {
  BatchOperation,
  BatchOperationName,
  Call,
  KeyRequest,
  OperationName,
  Replies,
  Requests,
} from "./call.ts";
import { type HttpOptions, httpTransport, type TokenSource } from "./http-transport.ts";
import { type NatsRequester, natsTransport } from "./nats-transport.ts";
import { QuotaFault } from "./quota-fault.ts";
import { askUntilAnswered, type RetryParts } from "./retry.ts";
import { processTimer } from "./timer.ts";
import type { Transport } from "./transport.ts";

export { QuotaFault };
export type {
  Answer,
  BatchOperation,
  HttpOptions,
  KeyRequest,
  NatsRequester,
  Refused,
  Replies,
  Requests,
  Result,
  TokenSource,
};

const deadlineMsDefault = 5_000;
const tryMsDefault = 2_000;

/** How long a call is asked; both are of the client's unless a call has its own. */
export interface CallOptions {
  /** Of the whole call, its repeats included; 5,000 by default. */
  readonly deadlineMs?: number;
  /** Of one try; 2,000 by default. */
  readonly tryMs?: number;
  /** W3C traceparent of who asks. */
  readonly trace?: string;
}

/**
 * The quota service, for a service of the platform.
 *
 * Every method answers `ok` or `refused` (a business no). It throws a `QuotaFault` when there is neither. What is asked
 * with an order_no is sent again, the same, until the deadline: it counts once. `check` and `get` carry no number and
 * are asked once.
 *
 * Amounts in a request are numbers, whole minor units up to 2^53 - 1. Totals in a reply may be larger: they are bigint.
 */
export interface QuotaClient {
  /** Would this amount fit now? It changes nothing and promises nothing. */
  check(request: Requests["check"], options?: CallOptions): Promise<Result<Replies["check"]>>;
  consume(request: Requests["consume"], options?: CallOptions): Promise<Result<Replies["consume"]>>;
  release(request: Requests["release"], options?: CallOptions): Promise<Result<Replies["release"]>>;
  reserve(request: Requests["reserve"], options?: CallOptions): Promise<Result<Replies["reserve"]>>;
  confirm(request: Requests["confirm"], options?: CallOptions): Promise<Result<Replies["confirm"]>>;
  cancel(request: Requests["cancel"], options?: CallOptions): Promise<Result<Replies["cancel"]>>;
  settle(request: Requests["settle"], options?: CallOptions): Promise<Result<Replies["settle"]>>;
  /** What stands, exact. */
  get(key: KeyRequest, options?: CallOptions): Promise<Result<Replies["get"]>>;
  /** Cuts what is on its way, which is then unknown. A connection to NATS is the caller's own and stays. */
  close(): Promise<void>;
}

/** Over HTTP there are batches too. */
export interface HttpQuotaClient extends QuotaClient {
  /**
   * Up to 1,000 operations, each decided on its own, in order for each key. It is sent again as a whole, and only if
   * every operation has an order_no. A single operation's fault stands in its place of the answer, and is not repeated.
   */
  batch(
    operations: readonly BatchOperation[],
    options?: CallOptions,
  ): Promise<readonly Answer<Replies[BatchOperationName]>[]>;
}

/** A client over HTTP, with connections of its own: `close` it. */
export function httpQuotaClient(
  options: HttpOptions & CallOptions,
  parts: RetryParts = defaultParts,
): HttpQuotaClient {
  const transport = httpTransport(options, parts.timer);
  const ask = asking(transport, options, parts);
  return {
    ...keyMethods(transport, ask),
    batch: async (operations, own) => {
      const mayRepeat = operations.every(({ op }) => hasNumber(op));
      const call = { kind: "batch", operations } as const;
      const result = await ask<{ readonly results?: unknown }>(call, mayRepeat, own);
      if (result.kind === "refused") throw new QuotaFault("UNREADABLE", result.message);
      const parts: unknown = result.reply.results;
      return operations.map((_, index) => partOf(Array.isArray(parts) ? parts[index] : undefined));
    },
  };
}

/** A client over the caller's own connection to NATS. */
export function natsQuotaClient(
  options: { readonly connection: NatsRequester } & CallOptions,
  parts: RetryParts = defaultParts,
): QuotaClient {
  const transport = natsTransport(options.connection, parts.timer);
  return keyMethods(transport, asking(transport, options, parts));
}

const defaultParts: RetryParts = { timer: processTimer, random: Math.random };

type Asking = <Reply>(
  call: Call,
  mayRepeat: boolean,
  own: CallOptions | undefined,
) => Promise<Result<Reply>>;

function asking(transport: Transport, all: CallOptions, parts: RetryParts): Asking {
  return (call, mayRepeat, own = {}) => {
    const patience = {
      deadlineMs: own.deadlineMs ?? all.deadlineMs ?? deadlineMsDefault,
      tryMs: own.tryMs ?? all.tryMs ?? tryMsDefault,
      mayRepeat,
    };
    const trace = own.trace ?? all.trace;
    return askUntilAnswered((tryMs) => transport.send(call, tryMs, trace), patience, parts);
  };
}

function keyMethods(transport: Transport, ask: Asking): QuotaClient {
  const method =
    <Op extends OperationName>(op: Op) =>
    (request: Requests[Op], own?: CallOptions): Promise<Result<Replies[Op]>> =>
      ask({ kind: "key", op, request }, hasNumber(op), own);
  return {
    check: method("check"),
    consume: method("consume"),
    release: method("release"),
    reserve: method("reserve"),
    confirm: method("confirm"),
    cancel: method("cancel"),
    settle: method("settle"),
    get: method("get"),
    close: () => transport.close(),
  };
}

/** Whether an order_no, which each of the others must have, makes its repeat the same deed. */
function hasNumber(op: OperationName): boolean {
  return op !== "check" && op !== "get";
}
