/** Codes of an infrastructure no, as a caller sees them. A refusal (a business no) is a value, never a Fault. */
export type FaultCode = "OVERLOADED" | "SHARD_UNAVAILABLE" | "OUTCOME_UNKNOWN" | "INTERNAL";

/**
 * An infrastructure no. Thrown by adapters and owners, caught once, where the caller is answered.
 *
 * `OVERLOADED`, `SHARD_UNAVAILABLE`: nothing happened, retry. `OUTCOME_UNKNOWN`: nobody can say; retrying the same
 * order_no is safe. `INTERNAL`: a bug.
 */
export class Fault extends Error {
  readonly code: FaultCode;
  /** It will not be over in a moment: an edge that may ask again need not. */
  readonly lasting: boolean;

  constructor(
    code: FaultCode,
    message: string,
    options?: { readonly cause?: unknown; readonly lasting?: boolean },
  ) {
    super(message, options);
    this.name = "Fault";
    this.code = code;
    this.lasting = options?.lasting === true;
  }
}

/** Wraps whatever was thrown into a Fault; a Fault stays as it is, all else is a bug. */
export function faultOf(error: unknown): Fault {
  if (error instanceof Fault) return error;
  return new Fault("INTERNAL", "an internal error happened", { cause: error });
}
