import type { Outcome } from "../domain/outcome.ts";
import { Fault } from "../wire/fault.ts";
import type { Message } from "../wire/message.ts";

export type Handler = (message: Message) => Promise<Outcome>;

/** Carries messages from edges to the owners of shards. */
export interface Bus {
  /**
   * @throws Fault SHARD_UNAVAILABLE when nobody serves the subject or nothing can be sent: nothing happened;
   *   OUTCOME_UNKNOWN when a command was sent and is not answered in its time; what the owner throws
   */
  request(subject: string, message: Message): Promise<Outcome>;
  /**
   * Serves a subject until the returned function is called.
   * @param owns asked of each message that other processes may have heard too: false = it is theirs to answer, and is
   *   left unanswered here, for who does not own the subject cannot say that nothing happened; left out = it always does
   */
  serve(subject: string, handler: Handler, owns?: () => boolean): () => void;
  /** Whether this very process serves the subject. */
  serves(subject: string): boolean;
}

/** A bus inside one process: a request is a call. */
export function localBus(): Bus {
  const handlers = new Map<string, Handler>();
  return {
    serves: (subject) => handlers.has(subject),
    request(subject, message) {
      const handler = handlers.get(subject);
      if (handler) return handler(message);
      return Promise.reject(new Fault("SHARD_UNAVAILABLE", "nobody owns the shard at this moment"));
    },
    serve(subject, handler) {
      handlers.set(subject, handler);
      return () => {
        if (handlers.get(subject) === handler) handlers.delete(subject);
      };
    },
  };
}
