import type { FastifyInstance } from "fastify";
import type { Static } from "typebox";

import type { Currencies } from "../../domain/currency.ts";
import type { Clock } from "../../platform/clock.ts";
import type { Session } from "../../platform/database.ts";
import { requestedKey } from "../../wire/codec.ts";
import {
  keyParams,
  merchantParams,
  quotaPage,
  quotaStatsQuery,
  type QuotaStatsQuery,
  quotaStatsReply,
} from "../../wire/http-list.ts";
import { quotaReply } from "../../wire/http-reply.ts";
import type { Answer } from "../answer.ts";
import { described } from "../described.ts";
import type { Auth } from "../plugins/auth.ts";
import type { Marks } from "../plugins/trace.ts";
import { keysOfMerchant, listKeys } from "../reads/keys.ts";
import { readQuotaStats } from "../reads/quota-stats.ts";
import { send } from "../send.ts";

/** Currencies of one merchant; there are no more. */
const currenciesMax = 1_000;
const topDefault = 10;
const tag = "Reading";

/** What stands: of a key, of a merchant, of all. */
export function quotaRoutes(
  app: FastifyInstance,
  options: {
    readonly answer: Answer;
    readonly auth: Auth;
    readonly marks: Marks;
    readonly reads: Session;
    readonly currencies: Currencies;
    readonly clock: Clock;
  },
): void {
  const { answer, auth, marks, reads, currencies, clock } = options;

  const merchantSummary = "Every currency of a merchant";
  app.get<{ Params: Static<typeof merchantParams> }>(
    "/api/v1/quotas/merchant/:merchant_id",
    {
      schema: {
        params: merchantParams,
        ...described({ tag, summary: merchantSummary, reply: quotaPage }),
      },
      onRequest: auth.allow("reader"),
    },
    async (request, reply) => {
      const { merchant_id: merchantId } = request.params;
      const refusal = auth.outOfReach(request, merchantId);
      if (refusal) return send(reply, refusal);
      const keys = await listKeys(reads, keysOfMerchant(merchantId), currenciesMax);
      const mark = marks.of(request);
      const answers = await Promise.all(keys.map((key) => answer({ kind: "get", key }, mark)));
      const failed = answers.find(({ status }) => status !== 200);
      if (failed) return send(reply, failed);
      return reply.send({ items: answers.map(({ body }) => body), next_cursor: null });
    },
  );

  const keySummary = "One currency of a merchant, exact; a key never used answers zeros";
  app.get<{ Params: Static<typeof keyParams> }>(
    "/api/v1/quotas/merchant/:merchant_id/currency/:currency",
    {
      schema: { params: keyParams, ...described({ tag, summary: keySummary, reply: quotaReply }) },
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
      const stats = await readQuotaStats(reads, at, request.query.top ?? topDefault);
      return reply.send({ at, ...stats });
    },
  );
}
