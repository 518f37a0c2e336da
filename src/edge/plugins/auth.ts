import type { FastifyRequest, onRequestHookHandler } from "fastify";

import { problem, type Reply } from "../../wire/http-problem.ts";
import { type Caller, reaches, type Right, type Tokens } from "../caller.ts";
import type { Rate } from "../rate.ts";
import { send } from "../send.ts";

/** Who may do what. */
export interface Auth {
  /** Lets through, before the body is read, only those who have the right. */
  allow(right: Right): onRequestHookHandler;
  /** Of a request that `allow` let through. */
  callerOf(request: FastifyRequest): Caller;
  /** The answer to a caller that does not reach the merchant; undefined = it does. */
  outOfReach(request: FastifyRequest, merchantId: string): Reply | undefined;
}

/** What one caller may ask of this edge; null = as much as it likes. */
export type Rates = {
  /** Requests, by the token's `user_id`. */
  readonly callers: Rate;
  /** Tokens that are none, by the address that sent them. */
  readonly failures: Rate;
} | null;

const challenge = 'Bearer realm="merchant-quota-service"';

export function createAuth(tokens: Tokens, rates: Rates): Auth {
  // Asked again, not kept beside the request: a WeakMap costs the garbage collector more than the look-up does.
  const callerOf = ({ headers }: FastifyRequest): Caller => tokens.callerOf(headers.authorization);
  return {
    callerOf,
    allow: (right) => (request, reply, done) => {
      const { authorization } = request.headers;
      // Who guesses tokens does not even have them verified; a token that is known is not held up by its neighbours.
      const stopMs = rates && !tokens.knows(authorization) ? rates.failures.wait(request.ip) : 0;
      const caller = stopMs > 0 ? null : tokens.identify(authorization);
      const isFailed = caller === null || typeof caller === "string";
      if (isFailed && stopMs === 0) rates?.failures.take(request.ip);
      const waitMs = isFailed ? stopMs : (rates?.callers.take(caller.operator.id) ?? 0);
      if (waitMs > 0) {
        send(reply, rateLimited(waitMs, request.id));
      } else if (isFailed) {
        send(reply, unauthenticated(caller, request.id));
      } else if (!caller.rights.has(right)) {
        send(reply, problem("FORBIDDEN", `the token gives no ${right} right`, request.id));
      } else {
        done();
      }
    },
    outOfReach(request, merchantId) {
      if (reaches(callerOf(request), merchantId)) return undefined;
      return problem("FORBIDDEN", "the token is of another merchant", request.id);
    },
  };
}

function rateLimited(waitMs: number, requestId: string): Reply {
  const message = "this caller asks more often than it may; nothing happened, try again later";
  return problem("RATE_LIMITED", message, requestId, {
    headers: { "retry-after": String(Math.ceil(waitMs / 1_000)) },
  });
}

function unauthenticated(why: string | null, requestId: string): Reply {
  const error = why === null ? "" : `, error="invalid_token", error_description="${why}"`;
  return problem("UNAUTHENTICATED", why ?? "a bearer token is needed", requestId, {
    headers: { "www-authenticate": challenge + error },
  });
}
