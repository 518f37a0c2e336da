import type { FastifyInstance } from "fastify";

import type { Currencies } from "../../domain/currency.ts";
import { sessionReply } from "../../wire/http-console.ts";
import { noQuery } from "../../wire/http-list.ts";
import { described } from "../described.ts";
import type { Auth } from "../plugins/auth.ts";

/** Who the token is of, what it may do, and how amounts are written: what a page needs before it shows anything. */
export function sessionRoute(
  app: FastifyInstance,
  options: { readonly auth: Auth; readonly currencies: Currencies; readonly version: string },
): void {
  const { auth, version } = options;
  const currencies = [...options.currencies].map(([currency, digits]) => ({ currency, digits }));
  const summary = "Whose the token is and what it may do";
  app.get(
    "/api/v1/session",
    {
      schema: {
        querystring: noQuery,
        ...described({ tag: "Reading", summary, reply: sessionReply }),
      },
      onRequest: auth.allow("reader"),
    },
    (request, reply) => {
      const { operator, rights, onlyMerchant } = auth.callerOf(request);
      return reply.send({
        user_id: operator.id,
        rights: [...rights],
        only_merchant: onlyMerchant,
        currencies,
        version,
      });
    },
  );
}
