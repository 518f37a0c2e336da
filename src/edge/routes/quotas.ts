import type { FastifyInstance } from "fastify";
import type { Static } from "typebox";

import type { Currencies } from "../../domain/currency.ts";
import type { Clock } from "../../platform/clock.ts";
import type { Session } from "../../platform/database.ts";
import type { SnapshotShare } from "../../platform/redis-snapshot.ts";
import { requestedKey } from "../../wire/codec.ts";
import { type CurveQuery, curveQuery, curveReply } from "../../wire/http-console.ts";
import {
  keyParams,
  merchantParams,
  type MerchantQuotaQuery,
  merchantQuotaQuery,
  noQuery,
  quotaPage,
  quotaStatsQuery,
  type QuotaStatsQuery,
  quotaStatsReply,
} from "../../wire/http-list.ts";
import { invalidRequest } from "../../wire/http-problem.ts";
import { quotaReply } from "../../wire/http-reply.ts";
import type { Ask } from "../../wire/message.ts";
import { quotaBody } from "../../wire/standing-reply.ts";
import { type Answer, askMarked } from "../answer.ts";
import { described } from "../described.ts";
import type { Auth } from "../plugins/auth.ts";
import type { Marks } from "../plugins/trace.ts";
import { createMerchantQuotas } from "../reads/merchant-quotas.ts";
import { readQuotaStats } from "../reads/quota-stats.ts";
import { readUsageCurve } from "../reads/usage-curve.ts";
import { neverReached, seenOf } from "../reads/seen.ts";
import { send } from "../send.ts";

const topDefault = 10;
const tag = "Reading";

/** What stands: of a key, of a merchant, of all. */
export function quotaRoutes(
  app: FastifyInstance,
  options: {
    readonly ask: Ask;
    readonly answer: Answer;
    readonly auth: Auth;
    readonly marks: Marks;
    readonly listings: Session;
    readonly snapshots: SnapshotShare | null;
    readonly currencies: Currencies;
    readonly clock: Clock;
  },
): void {
  const { answer, auth, marks, listings, currencies, clock } = options;
  const merchantQuotas = createMerchantQuotas(options);

  const merchantSummary = "Every currency of a merchant";
  app.get<{ Params: Static<typeof merchantParams>; Querystring: MerchantQuotaQuery }>(
    "/api/v1/quotas/merchant/:merchant_id",
    {
      schema: {
        params: merchantParams,
        querystring: merchantQuotaQuery,
        ...described({ tag, summary: merchantSummary, reply: quotaPage }),
      },
      onRequest: auth.allow("reader"),
    },
    async (request, reply) => {
      const { merchant_id: merchantId } = request.params;
      const refusal = auth.outOfReach(request, merchantId);
      if (refusal) return send(reply, refusal);
      const asked = seenOf(request.query, currencies);
      if (asked.kind === "invalid") return send(reply, invalidRequest(asked.errors, request.id));
      const standings = await merchantQuotas(merchantId, asked.seen, marks.of(request));
      if (standings === undefined) return send(reply, invalidRequest([neverReached], request.id));
      return reply.send({ items: standings.map(quotaBody), next_cursor: null });
    },
  );

  const keySummary = "One currency of a merchant, exact; a key never used answers zeros";
  app.get<{ Params: Static<typeof keyParams> }>(
    "/api/v1/quotas/merchant/:merchant_id/currency/:currency",
    {
      schema: {
        params: keyParams,
        querystring: noQuery,
        ...described({ tag, summary: keySummary, reply: quotaReply }),
      },
      onRequest: auth.allow("reader"),
    },
    async (request, reply) => {
      const { merchant_id: merchantId, currency } = request.params;
      const refusal = auth.outOfReach(request, merchantId);
      if (refusal) return send(reply, refusal);
      const key = requestedKey(merchantId, currency, currencies);
      return send(reply, await answer({ kind: "get", key }, marks.of(request)));
    },
  );

  const curveSummary = "How one currency of a merchant was used in its running day, month or year";
  app.get<{ Params: Static<typeof keyParams>; Querystring: CurveQuery }>(
    "/api/v1/quotas/merchant/:merchant_id/currency/:currency/curve",
    {
      schema: {
        params: keyParams,
        querystring: curveQuery,
        ...described({ tag, summary: curveSummary, reply: curveReply }),
      },
      onRequest: auth.allow("reader"),
    },
    async (request, reply) => {
      const { merchant_id: merchantId, currency } = request.params;
      const refusal = auth.outOfReach(request, merchantId);
      if (refusal) return send(reply, refusal);
      const key = requestedKey(merchantId, currency, currencies);
      const outcome = await askMarked(options.ask, { kind: "get", key }, marks.of(request));
      if (outcome.kind !== "stands") throw new Error(`a question was answered ${outcome.kind}`);
      const { window = "daily" } = request.query;
      return reply.send({ window, ...(await readUsageCurve(listings, outcome.standing, window)) });
    },
  );

  const statsSummary = "What is used in each currency, and who is nearest to a limit";
  app.get<{ Querystring: QuotaStatsQuery }>(
    "/api/v1/quotas/stats",
    {
      schema: {
        querystring: quotaStatsQuery,
        ...described({ tag: "Administration", summary: statsSummary, reply: quotaStatsReply }),
      },
      onRequest: auth.allow("admin"),
    },
    async (request, reply) => {
      const at = new Date(clock.now());
      const stats = await readQuotaStats(listings, at, request.query.top ?? topDefault);
      return reply.send({ at, ...stats });
    },
  );
}
