import type { FastifyInstance } from "fastify";

import type { Currencies } from "../../domain/currency.ts";
import type { Session } from "../../platform/database.ts";
import { requestedKey } from "../../wire/codec.ts";
import { refreshLimitsBody, type RefreshLimitsBody } from "../../wire/http.ts";
import { refreshReply } from "../../wire/http-reply.ts";
import type { Answer } from "../answer.ts";
import { described } from "../described.ts";
import type { Auth } from "../plugins/auth.ts";
import type { Marks } from "../plugins/trace.ts";
import { keysOfMerchant, listKeys } from "../reads/keys.ts";
import { send } from "../send.ts";

/** Currencies of one merchant; there are no more. */
const currenciesMax = 1_000;

/** Has a merchant's limits fetched from the policy service now, and tells what is in force then. */
export function limitsRoute(
  app: FastifyInstance,
  options: {
    readonly answer: Answer;
    readonly auth: Auth;
    readonly reads: Session;
    readonly currencies: Currencies;
    readonly marks: Marks;
  },
): void {
  const { answer, auth, reads, currencies, marks } = options;
  app.post<{ Body: RefreshLimitsBody }>(
    "/api/v1/quotas/refresh-limits",
    {
      schema: {
        body: refreshLimitsBody,
        ...described({
          tag: "Administration",
          summary: "Fetch a merchant's limits anew, and tell what is in force",
          description:
            "limits_source says whether the policy service answered: policy, or what was known before.",
          reply: refreshReply,
        }),
      },
      onRequest: auth.allow("admin"),
    },
    async (request, reply) => {
      const { merchant_id: merchantId, currency } = request.body;
      const keys =
        currency === undefined
          ? await listKeys(reads, keysOfMerchant(merchantId), currenciesMax)
          : [requestedKey(merchantId, currency, currencies)];
      const mark = marks.of(request);
      const answers = await Promise.all(keys.map((key) => answer({ kind: "refresh", key }, mark)));
      const failed = answers.find(({ status }) => status !== 200);
      if (failed) return send(reply, failed);
      return reply.send({ success: true, items: answers.map(({ body }) => body) });
    },
  );
}
