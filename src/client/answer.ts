import type { RefusalCode } from "../domain/refusal.ts";
import { problems } from "../wire/http-problem.ts";
import type { ProblemReply } from "../wire/http-reply.ts";
import { isBody } from "./exact-json.ts";
import { QuotaFault, type QuotaFaultCode } from "./quota-fault.ts";
import type { Body, Heard } from "./transport.ts";

/** A business no: nothing happened, and asking again at once will not help. */
export interface Refused {
  readonly kind: "refused";
  readonly code: RefusalCode;
  readonly message: string;
  /** The numbers that it rests on, and when the amount would fit. */
  readonly problem: Partial<ProblemReply>;
}

/** What came of a call. A check that does not fit is `ok` too: its reply says `allowed: false`. */
export type Result<Reply> = { readonly kind: "ok"; readonly reply: Reply } | Refused;

/** No answer of business. */
export interface Faulty {
  readonly kind: "fault";
  readonly fault: QuotaFault;
}

/** What one try was answered. */
export type Answer<Reply> = Result<Reply> | Faulty;

/** Codes that name no business reason; the compiler asks for each. */
const faultCodes: Readonly<Record<QuotaFaultCode, true>> = {
  ALERT_ALREADY_RESOLVED: true,
  ALERT_NOT_FOUND: true,
  FORBIDDEN: true,
  INTERNAL: true,
  INVALID_REQUEST: true,
  NOT_FOUND: true,
  OPERATOR_AT_WORK: true,
  OUTCOME_UNKNOWN: true,
  OVERLOADED: true,
  PAYLOAD_TOO_LARGE: true,
  PLAN_OUTDATED: true,
  RATE_LIMITED: true,
  SHARD_UNAVAILABLE: true,
  UNAUTHENTICATED: true,
  UNREADABLE: true,
};

/** Reads one try. The body of a success is taken as the service's schema has it. */
export function answerOf<Reply>(heard: Heard): Answer<Reply> {
  if (heard.kind === "lost") {
    const code = heard.wasSent ? "OUTCOME_UNKNOWN" : "SHARD_UNAVAILABLE";
    return faulty(code, `the service did not answer: ${heard.reason}`);
  }
  return read(heard.status, heard.body);
}

/** Reads one operation's part of a batch, which says its own status. */
export function partOf<Reply>(part: unknown): Answer<Reply> {
  if (!isBody(part) || typeof part["status"] !== "number") {
    return faulty("OUTCOME_UNKNOWN", "a part of the batch was not answered");
  }
  return read(part["status"], part);
}

function read<Reply>(status: number, body: Body | null): Answer<Reply> {
  if (isSuccess(status) && body !== null) return { kind: "ok", reply: body as Reply };
  const { code, message } = body ?? {};
  const text = typeof message === "string" ? message : `the answer has status ${status}`;
  if (isRefusalCode(code)) {
    return { kind: "refused", code, message: text, problem: body as Partial<ProblemReply> };
  }
  if (isFaultCode(code)) return faulty(code, text, body);
  // Somebody between here and the service, who may have passed the request on.
  const isOpen = isSuccess(status) || status >= 500 || status === 0;
  return faulty(isOpen ? "OUTCOME_UNKNOWN" : "UNREADABLE", text, body);
}

function faulty(code: QuotaFaultCode, message: string, problem: Body | null = null): Faulty {
  return { kind: "fault", fault: new QuotaFault(code, message, problem) };
}

function isSuccess(status: number): boolean {
  return status >= 200 && status < 300;
}

function isFaultCode(code: unknown): code is QuotaFaultCode {
  return typeof code === "string" && Object.hasOwn(faultCodes, code);
}

function isRefusalCode(code: unknown): code is RefusalCode {
  return typeof code === "string" && Object.hasOwn(problems, code) && !isFaultCode(code);
}
