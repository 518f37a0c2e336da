import { type TSchema, Type } from "typebox";

import type { Operator } from "../domain/command.ts";
import type { Currencies } from "../domain/currency.ts";
import { type Instant, instant } from "../domain/instant.ts";
import type { Outcome } from "../domain/outcome.ts";
import { type Operation, operations, requestedKey } from "./codec.ts";
import { type Fault, faultOf } from "./fault.ts";
import { type Checked, createChecker } from "./http-check.ts";
import { closed, currencyField, merchantIdField } from "./http-field.ts";
import { invalidRequest, problem, type Reply } from "./http-problem.ts";
import type { Message } from "./message.ts";
import { isRecord } from "./record.ts";
import { faultReply, replyOf } from "./reply.ts";
import { plainAskForm, plainAskOf } from "./subject.ts";
import { traceIdOf } from "./trace-id.ts";

/*
 * Asking over NATS without code of ours: `quota.ask.<op>.<merchant>.<currency>`, the HTTP body without these two, and
 * as answer the HTTP body with its `status`. The same schemas, words and codes as over HTTP.
 */

/** A larger body is answered PAYLOAD_TOO_LARGE, as over HTTP. */
const bodyBytesMax = 64 * 1024;

/**
 * Who asked, in the log: NATS does not tell a responder which user published, and what a caller says of itself in a
 * header would be taken for more than it is. Who may ask for what is decided by the server's permissions.
 */
const operator: Operator = { id: "nats", type: "api" };

/** A request as it came. */
export interface PlainAsk {
  readonly subject: string;
  readonly bytes: number;
  text(): string;
  /** @returns null when there is no such header */
  header(name: string): string | null;
}

/**
 * Answers a plain ask by asking the owner. Never rejects.
 * @returns the answer's text
 */
export type AnswerPlain = (
  asked: PlainAsk,
  ask: (message: Message) => Promise<Outcome>,
) => Promise<string>;

const getOperation: Operation = {
  body: Type.Object({ merchant_id: merchantIdField, currency: currencyField }, closed),
  read: (body, { currencies }) => {
    const { merchant_id: id, currency } = body as { merchant_id: string; currency: string };
    return { kind: "get", key: requestedKey(id, currency, currencies) };
  },
};
const plainOperations: Readonly<Record<string, Operation>> = { ...operations, get: getOperation };

export function createAnswerPlain(options: {
  readonly currencies: Currencies;
  readonly now: () => Instant;
  /** Until the deadline of an ask that names none; one that names a later one has it no later. */
  readonly requestTimeoutMs: number;
  readonly newId: () => string;
  /** Told of faults, for the log. */
  readonly onFault: (fault: Fault, requestId: string) => void;
}): AnswerPlain {
  const { currencies, now, requestTimeoutMs, newId, onFault } = options;
  const checker = createChecker(currencies);
  const checks = new Map<string, (value: unknown) => Checked>();
  for (const [name, { body }] of Object.entries<{ readonly body: TSchema }>(plainOperations)) {
    checks.set(name, checker(body));
  }

  const read = (asked: PlainAsk, requestId: string): Message | Reply => {
    const named = plainAskOf(asked.subject);
    const operation =
      named && Object.hasOwn(plainOperations, named.op) && plainOperations[named.op];
    if (!named || !operation) {
      const message = `must be ${plainAskForm}, <op> one of ${[...checks.keys()].join(", ")}`;
      return invalidRequest([{ field: "subject", message }], requestId);
    }
    if (asked.bytes > bodyBytesMax) {
      return problem("PAYLOAD_TOO_LARGE", "the body is larger than is taken", requestId);
    }
    const given = bodyOf(asked);
    if (given === undefined) {
      return invalidRequest([{ field: "body", message: "must be a JSON object" }], requestId);
    }
    const twice = ["merchant_id", "currency"].filter((name) => Object.hasOwn(given, name));
    if (twice.length > 0) {
      const message = "is said by the subject";
      return invalidRequest(
        twice.map((field) => ({ field, message })),
        requestId,
      );
    }
    const body = { ...given, merchant_id: named.merchantId, currency: named.currency };
    const checked = checks.get(named.op)?.(body) ?? { kind: "invalid" as const, errors: [] };
    if (checked.kind === "invalid") return invalidRequest(checked.errors, requestId);
    const deadline = deadlineOf(asked.header("deadline"), now(), requestTimeoutMs);
    if (deadline === undefined) {
      const message = "must be milliseconds since 1970";
      return invalidRequest([{ field: "deadline", message }], requestId);
    }
    const traceparent = asked.header("traceparent") ?? undefined;
    const traceId = traceIdOf(traceparent);
    const request = operation.read(checked.value, { operator, traceId, currencies });
    return traceId === null ? { request, deadline } : { request, deadline, trace: traceparent };
  };

  return async (asked, ask) => {
    const requestId = newId();
    try {
      const message = read(asked, requestId);
      if ("status" in message) return replyText(message);
      return replyText(replyOf(message.request, await ask(message), requestId));
    } catch (error) {
      const fault = faultOf(error);
      onFault(fault, requestId);
      return replyText(faultReply(fault, requestId));
    }
  };
}

/** An empty body is an empty object: `get` needs none. @returns undefined when it is not an object in JSON */
function bodyOf(asked: PlainAsk): Readonly<Record<string, unknown>> | undefined {
  if (asked.bytes === 0) return {};
  try {
    const body: unknown = JSON.parse(asked.text());
    return isRecord(body) ? body : undefined;
  } catch {
    return undefined;
  }
}

/** @returns undefined when it cannot be read */
function deadlineOf(given: string | null, now: Instant, timeoutMs: number): Instant | undefined {
  const latest = now + timeoutMs;
  if (given === null) return instant(latest);
  if (!/^\d{1,16}$/.test(given)) return undefined;
  return instant(Math.min(Number(given), latest));
}

function replyText({ status, body }: Reply): string {
  return printed({ ...body, status });
}

/** JSON in which a bigint is an exact integer, as the HTTP replies have it. */
function printed(value: unknown): string {
  if (typeof value === "bigint") return value.toString();
  if (Array.isArray(value)) return `[${value.map(printed).join(",")}]`;
  if (!isRecord(value)) return JSON.stringify(value);
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .map(([name, member]) => `${JSON.stringify(name)}:${printed(member)}`);
  return `{${members.join(",")}}`;
}
