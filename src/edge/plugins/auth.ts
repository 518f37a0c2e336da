import type { FastifyRequest, onRequestHookHandler } from "fastify";

import { problem, type Reply } from "../../wire/http-problem.ts";
import { type Caller, reaches, type Right, type Tokens } from "../caller.ts";
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

export function createAuth(tokens: Tokens): Auth {
  // Asked again, not kept beside the request: a WeakMap costs the garbage collector more than the look-up does.
  const callerOf = ({ headers }: FastifyRequest): Caller => tokens.callerOf(headers.authorization);
  return {
    callerOf,
    allow: (right) => (request, reply, done) => {
      const caller = tokens.identify(request.headers.authorization);
      if (caller === null || typeof caller === "string") {
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

function unauthenticated(why: string | null, requestId: string): Reply {
  const error = why === null ? "" : `, error="invalid_token", error_description="${why}"`;
  return problem("UNAUTHENTICATED", why ?? "a bearer token is needed", requestId, {
    headers: { "www-authenticate": challenge + error },
  });
}
