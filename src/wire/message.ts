import type { Command, Question } from "../domain/command.ts";
import type { Instant } from "../domain/instant.ts";
import type { Outcome } from "../domain/outcome.ts";

/** What travels from an edge to the owner of a key. */
export interface Message {
  readonly request: Command | Question;
  /** Past it, an owner that has not begun drops the request unapplied. */
  readonly deadline: Instant;
  /** W3C traceparent of who asks; absent = the request is not traced. */
  readonly trace?: string | undefined;
}

/**
 * Asks the owner of a key.
 * @param trace see `Message.trace`
 * @param deadline by when the caller needs the answer; absent = the edge's own
 * @throws Fault OVERLOADED or SHARD_UNAVAILABLE (nothing happened), OUTCOME_UNKNOWN (nobody can say yet)
 */
export type Ask = (
  request: Command | Question,
  trace?: string,
  deadline?: Instant,
) => Promise<Outcome>;
