import type { RefusalCode } from "../domain/refusal.ts";
import type { FaultCode } from "./fault.ts";
import type { FieldError } from "./http-check.ts";
import type { ProblemReply } from "./http-reply.ts";

/** Every code of a no, business or not. */
export type ProblemCode =
  | RefusalCode
  | FaultCode
  | "INVALID_REQUEST"
  | "PAYLOAD_TOO_LARGE"
  | "UNAUTHENTICATED"
  | "FORBIDDEN"
  | "RATE_LIMITED"
  | "NOT_FOUND"
  | "ALERT_NOT_FOUND"
  | "ALERT_ALREADY_RESOLVED"
  | "OPERATOR_AT_WORK"
  | "PLAN_OUTDATED";

/** An answer, whatever carries it. */
export interface Reply {
  readonly status: number;
  readonly mediaType: string;
  readonly headers: Readonly<Record<string, string>> | null;
  readonly body: object;
}

/** Status and title of each code; contract, section 1. */
export const problems: Readonly<Record<ProblemCode, readonly [status: number, title: string]>> = {
  DAILY_LIMIT_EXCEEDED: [429, "Daily limit exceeded"],
  MONTHLY_LIMIT_EXCEEDED: [429, "Monthly limit exceeded"],
  YEARLY_LIMIT_EXCEEDED: [429, "Yearly limit exceeded"],
  DAILY_COUNT_EXCEEDED: [429, "Daily number of orders exceeded"],
  MONTHLY_COUNT_EXCEEDED: [429, "Monthly number of orders exceeded"],
  REFUND_DAILY_LIMIT_EXCEEDED: [429, "Daily refund limit exceeded"],
  REFUND_MONTHLY_LIMIT_EXCEEDED: [429, "Monthly refund limit exceeded"],
  SINGLE_LIMIT_EXCEEDED: [422, "Single limit exceeded"],
  BELOW_SINGLE_MINIMUM: [422, "Below the single minimum"],
  PENDING_LIMIT_EXCEEDED: [422, "Pending limit exceeded"],
  ADJUST_BELOW_ZERO: [422, "Adjustment below zero"],
  AMOUNT_OVERFLOW: [422, "Amount too large to count"],
  QUOTA_SUSPENDED: [403, "Quota suspended"],
  ORDER_CONFLICT: [409, "Order used with other content"],
  ORDER_RESERVED: [409, "Order reserved"],
  RELEASE_EXCEEDS_CONSUMED: [409, "Release exceeds what was consumed"],
  RESERVATION_EXPIRED: [409, "Reservation expired"],
  RESERVATION_CLOSED: [409, "Reservation closed"],
  ALERT_ALREADY_RESOLVED: [409, "Alert already resolved"],
  OPERATOR_AT_WORK: [409, "Another operator is at work"],
  PLAN_OUTDATED: [409, "Plan outdated"],
  ORDER_NOT_FOUND: [404, "Order not found"],
  ALERT_NOT_FOUND: [404, "Alert not found"],
  NOT_FOUND: [404, "Not found"],
  INVALID_REQUEST: [400, "Invalid request"],
  PAYLOAD_TOO_LARGE: [413, "Payload too large"],
  UNAUTHENTICATED: [401, "Unauthenticated"],
  FORBIDDEN: [403, "Forbidden"],
  RATE_LIMITED: [429, "Rate limited"],
  OVERLOADED: [503, "Overloaded"],
  SHARD_UNAVAILABLE: [503, "Shard unavailable"],
  OUTCOME_UNKNOWN: [504, "Outcome unknown"],
  INTERNAL: [500, "Internal error"],
};

/** The members that a refusal adds to a problem. */
export type ProblemNumbers = Partial<
  Omit<ProblemReply, "type" | "title" | "status" | "detail" | "instance" | "success" | "code">
>;

/** An RFC 9457 problem; `requestId` is what the log knows the request by. */
export function problem(
  code: ProblemCode,
  message: string,
  requestId: string,
  more: {
    readonly numbers?: ProblemNumbers;
    readonly headers?: Readonly<Record<string, string>>;
  } = {},
): Reply {
  const [status, title] = problems[code];
  const body: ProblemReply = {
    type: `urn:merchant-quota:problem:${code.toLowerCase().replaceAll("_", "-")}`,
    title,
    status,
    detail: message,
    instance: `urn:merchant-quota:request:${encodeURIComponent(requestId)}`,
    success: false,
    code,
    message,
    ...more.numbers,
  };
  return { status, mediaType: "application/problem+json", headers: more.headers ?? null, body };
}

/** INVALID_REQUEST, naming every wrong field. */
export function invalidRequest(errors: readonly FieldError[], requestId: string): Reply {
  const named = errors.map(({ field, message }) => `${field} ${message}`).join("; ");
  return problem("INVALID_REQUEST", named, requestId, { numbers: { errors: [...errors] } });
}
