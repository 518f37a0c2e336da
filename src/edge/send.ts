import type { FastifyReply } from "fastify";

import type { Reply } from "../wire/http-problem.ts";

/** Sends an answer as HTTP; its body is printed by the route's schema for its status. */
export function send(reply: FastifyReply, answer: Reply): FastifyReply {
  if (answer.headers) void reply.headers(answer.headers);
  // What fastify says of an object by itself; saying it costs a header's parsing.
  if (answer.mediaType !== "application/json") void reply.type(answer.mediaType);
  return reply.code(answer.status).send(answer.body);
}
