import type { RefusalCode } from "../domain/refusal.ts";
import type { ProblemCode } from "../wire/http-problem.ts";
import type { Body } from "./transport.ts";

/** Every no that is not a business one; `UNREADABLE` = something answered that is not this service. */
export type QuotaFaultCode = Exclude<ProblemCode, RefusalCode> | "UNREADABLE";

/**
 * No answer of business came.
 *
 * `OVERLOADED`, `SHARD_UNAVAILABLE`, `RATE_LIMITED`: nothing happened. `OUTCOME_UNKNOWN`: nobody can say; send the same
 * order_no again. `INTERNAL`: a bug of the service, and nobody can say either. All others name what is wrong with the
 * request, and nothing happened.
 */
export class QuotaFault extends Error {
  readonly code: QuotaFaultCode;
  /** The problem as the service told it; null = it told none. */
  readonly problem: Body | null;

  constructor(code: QuotaFaultCode, message: string, problem: Body | null = null) {
    super(message);
    this.name = "QuotaFault";
    this.code = code;
    this.problem = problem;
  }

  /** Whether the change may have been made. */
  get isOutcomeUnknown(): boolean {
    return this.code === "OUTCOME_UNKNOWN" || this.code === "INTERNAL";
  }
}
