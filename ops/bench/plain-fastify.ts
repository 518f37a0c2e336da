import { fastify } from "fastify";

import { consumeBody } from "../../src/wire/http.ts";
import { commandReply } from "../../src/wire/http-reply.ts";

/*
 * The ceiling of any HTTP server on this framework: a POST with the very schemas of a consume, that does nothing. No
 * token, no metrics, no request id. The first parameter is its port.
 */
const answer = {
  success: true,
  duplicate: false,
  daily_used: 1,
  monthly_used: 1,
  yearly_used: 1,
  pending_amount: 1,
  reserved_amount: 0,
  transactions_today: 1,
  remaining_daily: null,
  remaining_monthly: null,
  remaining_yearly: null,
  version: 1,
  log_id: "01a2044f-07e5-7000-8000-000000000000",
  limits_source: "default",
  policy_version: null,
};

const app = fastify({ logger: false });
app.post(
  "/api/v1/quotas/consume",
  { schema: { body: consumeBody, response: { 200: commandReply } } },
  (_request, reply) => reply.send(answer),
);
app.get("/health/live", (_request, reply) => reply.send({ status: "ok" }));
await app.listen({ host: "127.0.0.1", port: Number(process.argv[2]) });
