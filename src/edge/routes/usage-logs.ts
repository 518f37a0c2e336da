import type { FastifyInstance } from "fastify";
import type { Static } from "typebox";

import type { Currencies } from "../../domain/currency.ts";
import type { Clock } from "../../platform/clock.ts";
import type { Listings, Session } from "../../platform/database.ts";
import {
  logStatsQuery,
  type LogStatsQuery,
  logStatsReply,
  merchantParams,
  orderParams,
  type PageQuery,
  pageQuery,
  type UsageLogQuery,
  usageLogPage,
  usageLogQuery,
} from "../../wire/http-list.ts";
import { invalidRequest } from "../../wire/http-problem.ts";
import { described } from "../described.ts";
import type { Auth } from "../plugins/auth.ts";
import { readLogStats } from "../reads/log-stats.ts";
import { pageRequestOf } from "../reads/page.ts";
import { hasReached, neverReached, seenOf } from "../reads/seen.ts";
import { listLogsOfMerchant, listLogsOfOrder } from "../reads/usage-logs.ts";
import { send } from "../send.ts";

const dayMs = 86_400_000;
/** Longer ranges are refused. */
const statsDaysMax = 366;
const tag = "Reading";

/** What happened. */
export function usageLogRoutes(
  app: FastifyInstance,
  options: {
    readonly auth: Auth;
    readonly reads: Session;
    readonly listings: Listings;
    readonly currencies: Currencies;
    readonly clock: Clock;
  },
): void {
  const { auth, reads, listings, currencies, clock } = options;

  const merchantSummary = "The log of a merchant, newest first";
  app.get<{ Params: Static<typeof merchantParams>; Querystring: UsageLogQuery }>(
    "/api/v1/usage-logs/merchant/:merchant_id",
    {
      schema: {
        params: merchantParams,
        querystring: usageLogQuery,
        ...described({ tag, summary: merchantSummary, reply: usageLogPage }),
      },
      onRequest: auth.allow("reader"),
    },
    async (request, reply) => {
      const { query } = request;
      const { merchant_id: merchantId } = request.params;
      const refusal = auth.outOfReach(request, merchantId);
      if (refusal) return send(reply, refusal);
      const page = pageRequestOf(query);
      if (page.kind === "invalid") return send(reply, invalidRequest(page.errors, request.id));
      const asked = seenOf(query, currencies);
      if (asked.kind === "invalid") return send(reply, invalidRequest(asked.errors, request.id));
      const { seen } = asked;
      const list = (session: Session) => listLogsOfMerchant(session, merchantId, query, page);
      if (seen.size === 0) return reply.send(await list(listings));
      const found = await listings.reaching((at) => hasReached(at, merchantId, seen), list);
      if (found === undefined) return send(reply, invalidRequest([neverReached], request.id));
      return reply.send(found);
    },
  );

  const orderSummary = "The log of an order, oldest first";
  app.get<{ Params: Static<typeof orderParams>; Querystring: PageQuery }>(
    "/api/v1/usage-logs/order/:order_no",
    {
      schema: {
        params: orderParams,
        querystring: pageQuery,
        ...described({ tag, summary: orderSummary, reply: usageLogPage }),
      },
      onRequest: auth.allow("reader"),
    },
    async (request, reply) => {
      const page = pageRequestOf(request.query);
      if (page.kind === "invalid") return send(reply, invalidRequest(page.errors, request.id));
      const { onlyMerchant } = auth.callerOf(request);
      // One order is looked up right after it was sent: never late, and by index.
      return reply.send(await listLogsOfOrder(reads, request.params.order_no, onlyMerchant, page));
    },
  );

  const statsSummary = "Counts and sums of the log; by default of the last 24 hours";
  app.get<{ Querystring: LogStatsQuery }>(
    "/api/v1/usage-logs/stats",
    {
      schema: {
        querystring: logStatsQuery,
        ...described({ tag, summary: statsSummary, reply: logStatsReply }),
      },
      onRequest: auth.allow("reader"),
    },
    async (request, reply) => {
      const { group_by: groupBy = "hour", merchant_id: asked } = request.query;
      const merchantId = asked ?? auth.callerOf(request).onlyMerchant;
      const refusal = merchantId === null ? undefined : auth.outOfReach(request, merchantId);
      if (refusal) return send(reply, refusal);
      const page = pageRequestOf(request.query);
      if (page.kind === "invalid") return send(reply, invalidRequest(page.errors, request.id));
      const to = page.to ?? new Date(clock.now());
      const from = page.from ?? new Date(to.getTime() - dayMs);
      const rangeMs = to.getTime() - from.getTime();
      if (rangeMs < 0 || rangeMs > statsDaysMax * dayMs) {
        const message = `must not be later than to, nor more than ${statsDaysMax} days before it`;
        return send(reply, invalidRequest([{ field: "from", message }], request.id));
      }
      const stats = await readLogStats(listings, { groupBy, from, to, merchantId });
      return reply.send({ from, to, group_by: groupBy, ...stats });
    },
  );
}
