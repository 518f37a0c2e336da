import { type Static, type TSchema, Type } from "typebox";
import { Compile } from "typebox/compile";

import type { Command, Question } from "../domain/command.ts";
import { instant } from "../domain/instant.ts";
import type { Outcome } from "../domain/outcome.ts";
import { storedKey } from "./codec.ts";
import { exactFrom, exactText } from "./exact-json.ts";
import { Fault } from "./fault.ts";
import { storable, windowField } from "./http-field.ts";
import type { Message } from "./message.ts";

/*
 * What edges and owners send each other when they are not in one process. A parcel holds the messages of one event-loop
 * turn for one shard, an answer sheet the answers of one turn for one edge; each message bears a number of its edge, by
 * which its answer finds back.
 */

/** Of the two forms below. An owner refuses a parcel of another one. */
export const protocolVersion = 1;

const amountMax = BigInt(Number.MAX_SAFE_INTEGER);
const ttlMsMax = 366 * 86_400_000;

/*
 * What is committed is bounded here too, as the edges have it: one message that Postgres cannot take would lose the whole
 * batch, and the owner with it.
 */
const text = Type.String({ pattern: `^${storable}*$` });
const orNull = <T extends TSchema>(of: T) => Type.Union([of, Type.Null()]);
const amount = Type.BigInt({ minimum: 1n, maximum: amountMax });
const signedAmount = Type.BigInt({ minimum: -amountMax, maximum: amountMax });
const key = Type.Object({
  merchantId: Type.String({ pattern: "^[A-Za-z0-9_-]{1,64}$" }),
  currency: Type.String({ pattern: "^[A-Z][A-Z0-9]{2,9}$" }),
  text,
});
const trail = {
  key,
  operator: Type.Object({ id: text, type: Type.Enum(["system", "admin", "api"]) }),
  traceId: orNull(text),
  paymentNo: orNull(text),
  remarks: orNull(text),
  metadata: orNull(Type.Record(text, Type.Union([text, Type.Number(), Type.Boolean()]))),
};
const order = { ...trail, orderNo: Type.String({ pattern: "^[!-~]{1,64}$" }) };

/** The fields of each request; which of them a key may hold is the domain's own type. */
const requests: Readonly<Record<(Command | Question)["kind"], Readonly<Record<string, TSchema>>>> =
  {
    consume: { ...order, amount },
    reserve: { ...order, amount, ttlMs: Type.Integer({ minimum: 1, maximum: ttlMsMax }) },
    confirm: { ...order, amount: orNull(amount) },
    cancel: order,
    expire: order,
    release: { ...order, refundNo: orNull(text), amount: orNull(amount) },
    settle: order,
    adjust: {
      ...trail,
      changes: Type.Object({ daily: signedAmount, monthly: signedAmount, yearly: signedAmount }),
      adjustmentNo: orNull(text),
    },
    reset: { ...trail, window: windowField },
    suspend: { ...trail, reason: text },
    resume: trail,
    check: { key, amount },
    get: { key },
    refresh: { key },
  };
const checks = new Map(
  Object.entries(requests).map(([kind, fields]) => [kind, Compile(Type.Object(fields))]),
);

const checkEnvelope = Compile(
  Type.Object({
    v: Type.Literal(protocolVersion),
    messages: Type.Array(
      Type.Object({
        no: Type.Integer({ minimum: 0 }),
        deadline: Type.Number(),
        trace: Type.Optional(text),
        request: Type.Object({ kind: text }),
      }),
    ),
  }),
);

const faultBody = Type.Object({
  code: Type.Enum(["OVERLOADED", "SHARD_UNAVAILABLE", "OUTCOME_UNKNOWN", "INTERNAL"]),
  message: Type.String(),
  lasting: Type.Boolean(),
});
type FaultBody = Static<typeof faultBody>;
const checkSheet = Compile(
  Type.Object({
    v: Type.Literal(protocolVersion),
    answers: Type.Array(
      Type.Union([
        Type.Object({
          no: Type.Integer({ minimum: 0 }),
          outcome: Type.Object({ kind: Type.Enum(["accepted", "refused", "checked", "stands"]) }),
        }),
        Type.Object({ no: Type.Integer({ minimum: 0 }), fault: faultBody }),
      ]),
    ),
  }),
);
const checkRefusal = Compile(Type.Object({ v: Type.Number(), fault: faultBody }));

/** A message and the number by which its answer finds back. */
export interface Numbered {
  readonly no: number;
  readonly message: Message;
}

/** An answer and the number of its message. */
export type Answered =
  | { readonly no: number; readonly outcome: Outcome }
  | { readonly no: number; readonly fault: Fault };

/** One message of a parcel, as text. */
export function messageText({ no, message: { request, deadline, trace } }: Numbered): string {
  return exactText({ no, deadline, request, ...(trace === undefined ? {} : { trace }) });
}

/** @param messages texts of `messageText` */
export function parcelText(messages: readonly string[]): string {
  return `{"v":${protocolVersion},"messages":[${messages.join(",")}]}`;
}

/** @throws Fault SHARD_UNAVAILABLE when it is of another version, or anything but a parcel */
export function parcelFrom(given: string): readonly Numbered[] {
  const parcel = parsed(given);
  if (!checkEnvelope.Check(parcel)) throw unread(parcel);
  return parcel.messages.map(({ no, deadline, trace, request }) => {
    if (checks.get(request.kind)?.Check(request) !== true) throw unread(parcel);
    const asked = request as Command | Question;
    const { merchantId, currency } = asked.key;
    const whole = { ...asked, key: storedKey(merchantId, currency) };
    const message = { request: whole, deadline: instant(deadline) };
    return { no, message: trace === undefined ? message : { ...message, trace } };
  });
}

/**
 * One answer of a sheet, as text. A fault's cause stays in the owner's log, and what an order did before with its owner:
 * no reply quotes it, and it would be most of the sheet.
 */
export function answerText(answered: Answered): string {
  if ("outcome" in answered) return exactText({ ...answered, outcome: quoted(answered.outcome) });
  return exactText({ no: answered.no, fault: faultOnWire(answered.fault) });
}

/** @param answers texts of `answerText` */
export function sheetText(answers: readonly string[]): string {
  return `{"v":${protocolVersion},"answers":[${answers.join(",")}]}`;
}

/** @returns nothing when it cannot be read: whoever waits meets the deadline */
export function sheetFrom(given: string): readonly Answered[] {
  const sheet = parsed(given);
  if (!checkSheet.Check(sheet)) return [];
  return sheet.answers.map((answer) =>
    "fault" in answer
      ? { no: answer.no, fault: faultFrom(answer.fault) }
      : { no: answer.no, outcome: answer.outcome as Outcome },
  );
}

/** What becomes of a whole parcel that cannot be read. */
export function refusalText(fault: Fault): string {
  return exactText({ v: protocolVersion, fault: faultOnWire(fault) });
}

export function refusalFrom(given: string): Fault {
  const refusal = parsed(given);
  return checkRefusal.Check(refusal)
    ? faultFrom(refusal.fault)
    : new Fault("OUTCOME_UNKNOWN", "the owner's answer cannot be read");
}

function quoted(outcome: Outcome): Outcome {
  if (outcome.kind !== "accepted" || outcome.order === null) return outcome;
  return { ...outcome, order: { ...outcome.order, effects: [] } };
}

function faultOnWire({ code, message, lasting }: Fault): FaultBody {
  return { code, message, lasting };
}

function faultFrom({ code, message, lasting }: FaultBody): Fault {
  return new Fault(code, message, { lasting });
}

function parsed(given: string): unknown {
  try {
    return exactFrom(given);
  } catch {
    return undefined;
  }
}

function unread(parcel: unknown): Fault {
  const version = typeof parcel === "object" && parcel !== null && "v" in parcel ? parcel.v : null;
  return version === protocolVersion
    ? new Fault("INTERNAL", "the owner cannot read what it was asked")
    : new Fault("SHARD_UNAVAILABLE", `the owner does not speak version ${String(version)}`);
}
