import type { Command, Question } from "../domain/command.ts";
import type { Order, Receipt } from "../domain/order.ts";
import type { Outcome, Standing } from "../domain/outcome.ts";
import type { Refusal } from "../domain/refusal.ts";
import { unreachable } from "../domain/unreachable.ts";
import type { Fault } from "./fault.ts";
import { problem, problems, type Reply } from "./http-problem.ts";
import type { CommandReply, ReservationReply } from "./http-reply.ts";
import {
  checkBody,
  quotaBody,
  remainingBody,
  resetsAt,
  timeText,
  timeTextOrNull,
} from "./standing-reply.ts";

const json = "application/json";

/** How long a caller waits before it tries again after a fault that changed nothing. */
const faultRetryAfterSeconds = "1";

/** What the caller is told of an outcome. */
export function replyOf(request: Command | Question, outcome: Outcome, requestId: string): Reply {
  switch (outcome.kind) {
    case "accepted":
      return ok(acceptedBody(request, outcome));
    case "checked":
      return ok(checkBody(outcome.refusal, outcome.standing));
    case "stands":
      return ok(quotaBody(outcome.standing));
    case "refused":
      return refusalReply(outcome.refusal, outcome.standing, requestId);
    default:
      return unreachable(outcome);
  }
}

/** What the caller is told of a fault. A bug's own words stay in the log. */
export function faultReply(fault: Fault, requestId: string): Reply {
  const { code } = fault;
  const message = faultMessages[code];
  if (code === "INTERNAL") return problem(code, message, requestId);
  return problem(code, message, requestId, { headers: { "retry-after": faultRetryAfterSeconds } });
}

/** What a caller is told of a fault; its cause is for the log. */
const faultMessages = {
  OVERLOADED: "too many requests are waiting; nothing happened, try again later",
  SHARD_UNAVAILABLE: "the owner of this merchant cannot serve now; nothing happened, try again",
  OUTCOME_UNKNOWN:
    "nobody can say yet whether it was done; sending the same order_no again is safe",
  INTERNAL: "an internal error happened; the log has it under this request's id",
} as const satisfies Record<Fault["code"], string>;

function ok(body: object): Reply {
  return { status: 200, mediaType: json, headers: null, body };
}

function acceptedBody(
  request: Command | Question,
  outcome: Outcome & { readonly kind: "accepted" },
): CommandReply | ReservationReply {
  const body = receiptBody(outcome.receipt, outcome.duplicate);
  const isOfHold =
    request.kind === "reserve" || request.kind === "confirm" || request.kind === "cancel";
  return isOfHold ? { ...body, ...reservationOf(outcome.order) } : body;
}

function receiptBody(receipt: Receipt, duplicate: boolean): CommandReply {
  const { used, remaining } = receipt;
  return {
    success: true,
    duplicate,
    daily_used: used.daily,
    monthly_used: used.monthly,
    yearly_used: used.yearly,
    pending_amount: receipt.pending,
    reserved_amount: receipt.reserved,
    transactions_today: receipt.transactionsToday,
    remaining_daily: remaining.daily,
    remaining_monthly: remaining.monthly,
    remaining_yearly: remaining.yearly,
    version: receipt.version,
    log_id: receipt.logId,
    limits_source: receipt.limitsSource,
    policy_version: receipt.policyVersion,
  };
}

function reservationOf(order: Order | null): Pick<ReservationReply, "order_no" | "reservation"> {
  if (!order?.hold) throw new Error("a reservation was accepted without one");
  const { state, amount, expiresAt } = order.hold;
  return { order_no: order.ref, reservation: { state, amount, expires_at: timeText(expiresAt) } };
}

function refusalReply(refusal: Refusal, standing: Standing, requestId: string): Reply {
  const { code, window, limit, used, reserved, requested, fitsAt } = refusal;
  const numbers = {
    limit,
    used,
    reserved,
    requested,
    limits_source: standing.limits.source,
    policy_version: standing.limits.policyVersion,
    ...remainingBody(standing),
    resets_at: resetsAt(standing),
    fits_at: timeTextOrNull(fitsAt),
  };
  if (problems[code][0] !== 429) return problem(code, refusal.message, requestId, { numbers });
  const endsAt = standing.calendar[window ?? "daily"].endsAt;
  const seconds = Math.max(1, Math.ceil((endsAt - standing.at) / 1_000));
  const headers = { "retry-after": String(seconds) };
  return problem(code, refusal.message, requestId, { numbers, headers });
}
