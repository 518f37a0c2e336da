import type { FastifyBaseLogger } from "fastify";

import type { Command, Question } from "../domain/command.ts";
import type { Outcome } from "../domain/outcome.ts";
import type { AskSpan } from "../platform/tracer.ts";
import { type Fault, faultOf } from "../wire/fault.ts";
import type { Reply } from "../wire/http-problem.ts";
import type { Ask } from "../wire/message.ts";
import { faultReply, replyOf } from "../wire/reply.ts";
import type { Mark } from "./mark.ts";

/** Asks the owner and puts what it says into an answer; never rejects. */
export type Answer = (request: Command | Question, mark: Mark) => Promise<Reply>;

export function createAnswer(options: {
  readonly ask: Ask;
  readonly log: FastifyBaseLogger;
}): Answer {
  const { ask, log } = options;
  return async (request, mark) => {
    try {
      const outcome = await askMarked(ask, request, mark);
      return replyOf(request, outcome, mark.requestId);
    } catch (error) {
      const fault = faultOf(error);
      const { merchantId, currency } = request.key;
      logFault(log, fault, mark, { action: request.kind, merchantId, currency });
      return faultReply(fault, mark.requestId);
    }
  };
}

/** Asks the owner, under a span of its own if the request is traced. @throws Fault */
export function askMarked(ask: Ask, request: Command | Question, { span }: Mark): Promise<Outcome> {
  const asked = span?.ask(request.kind) ?? null;
  return asked ? askTraced(ask, request, asked) : ask(request);
}

async function askTraced(ask: Ask, request: Command | Question, asked: AskSpan): Promise<Outcome> {
  try {
    const outcome = await ask(request, asked.trace);
    asked.end(null);
    return outcome;
  } catch (error) {
    const fault = faultOf(error);
    asked.end(fault.code);
    throw fault;
  }
}

/** A bug is logged with its cause; a fault that the caller can retry is counted, not logged a thousand times. */
export function logFault(
  log: FastifyBaseLogger,
  fault: Fault,
  { requestId, traceId }: Mark,
  about: object,
): void {
  const fields = { requestId, traceId, ...about, code: fault.code, err: fault };
  if (fault.code === "INTERNAL") log.error(fields, "request failed");
  else log.debug(fields, "request not served");
}
