import type { FastifyRequest, onRequestHookHandler } from "fastify";

import { problem, type Reply } from "../../wire/http-problem.ts";
import { type Caller, type Identify, reaches, type Right } from "../caller.ts";
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

const challenge = 'Bearer realm="merchant-quota-service"';

/** Who asks, as of the request's head: a token that expires while the body is on its way was good in time. */
const callers = new WeakMap<FastifyRequest, Caller>();

export function createAuth(identify: Identify): Auth {
  const callerOf = (request: FastifyRequest): Caller => {
    const caller = callers.get(request);
    if (caller === undefined) throw new Error("a caller passed unchecked");
    return caller;
  };
  return {
    callerOf,
    allow: (right) => (request, reply, done) => {
      const caller = identify(request.headers.authorization);
      if (caller === null || typeof caller === "string") {
        send(reply, unauthenticated(caller, request.id));
      } else if (!caller.rights.has(right)) {
        send(reply, problem("FORBIDDEN", `the token gives no ${right} right`, request.id));
      } else {
        callers.set(request, caller);
        done();
      }
    },
    outOfReach(request, merchantId) {
      if (reaches(callerOf(request), merchantId)) return undefined;
      return problem("FORBIDDEN", "the token is of another merchant", request.id);
    },
  };
}

function unauthenticated(why: string | null, requestId: string): Reply {
  const error = why === null ? "" : `, error="invalid_token", error_description="${why}"`;
  return problem("UNAUTHENTICATED", why ?? "a bearer token is needed", requestId, {
    headers: { "www-authenticate": challenge + error },
  });
}
