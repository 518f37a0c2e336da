import type { FastifyBaseLogger } from "fastify";

import type { Command, Question } from "../domain/command.ts";
import { type Fault, faultOf } from "../wire/fault.ts";
import type { Reply } from "../wire/http-problem.ts";
import type { Ask } from "../wire/message.ts";
import { faultReply, replyOf } from "../wire/reply.ts";

/** Asks the owner and puts what it says into an answer; never rejects. */
export type Answer = (request: Command | Question, requestId: string) => Promise<Reply>;

export function createAnswer(options: {
  readonly ask: Ask;
  readonly log: FastifyBaseLogger;
}): Answer {
  const { ask, log } = options;
  return async (request, requestId) => {
    try {
      const outcome = await ask(request);
      return replyOf(request, outcome, requestId);
    } catch (error) {
      const fault = faultOf(error);
      logFault(log, fault, requestId);
      return faultReply(fault, requestId);
    }
  };
}

/** A bug is logged with its cause; a fault that the caller can retry is counted, not logged a thousand times. */
export function logFault(log: FastifyBaseLogger, fault: Fault, requestId: string): void {
  const fields = { requestId, code: fault.code, err: fault };
  if (fault.code === "INTERNAL") log.error(fields, "request failed");
  else log.debug(fields, "request not served");
}
