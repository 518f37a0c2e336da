import type { FastifyReply } from "fastify";

import type { Reply } from "../wire/http-problem.ts";

/** Sends an answer as HTTP; its body is printed by the route's schema for its status. */
export function send(reply: FastifyReply, answer: Reply): FastifyReply {
  if (answer.headers) void reply.headers(answer.headers);
  return reply.code(answer.status).type(answer.mediaType).send(answer.body);
}
