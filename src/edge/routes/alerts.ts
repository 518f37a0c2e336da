import type { FastifyInstance } from "fastify";
import type { Static } from "typebox";

import type { Clock } from "../../platform/clock.ts";
import type { Database, Session } from "../../platform/database.ts";
import { deliveriesReply, resendBody, resendReply } from "../../wire/http-console.ts";
import {
  alertPage,
  alertParams,
  alertReply,
  type MerchantAlertQuery,
  merchantAlertQuery,
  merchantParams,
  noQuery,
  resolveBody,
  type UnresolvedAlertQuery,
  unresolvedAlertQuery,
} from "../../wire/http-list.ts";
import { invalidRequest, problem } from "../../wire/http-problem.ts";
import { described } from "../described.ts";
import type { Auth } from "../plugins/auth.ts";
import { listDeliveries, resend } from "../reads/alert-deliveries.ts";
import {
  alertExists,
  listAlertsOfMerchant,
  listUnresolvedAlerts,
  resolve,
} from "../reads/alerts.ts";
import { pageRequestOf } from "../reads/page.ts";
import { send } from "../send.ts";

/** Of one alert; a service has few. */
const targetsMax = 100;
const tag = "Alerts";
const refusals = {
  ALERT_NOT_FOUND: "there is no alert with this id",
  ALERT_ALREADY_RESOLVED: "the alert was resolved before",
} as const;

/** Limits that were reached: listed and resolved. */
export function alertRoutes(
  app: FastifyInstance,
  options: {
    readonly auth: Auth;
    readonly reads: Session;
    readonly database: Pick<Database, "transaction">;
    readonly clock: Clock;
  },
): void {
  const { auth, reads, database, clock } = options;

  const merchantSummary = "Alerts of a merchant, newest first";
  app.get<{ Params: Static<typeof merchantParams>; Querystring: MerchantAlertQuery }>(
    "/api/v1/alerts/merchant/:merchant_id",
    {
      schema: {
        params: merchantParams,
        querystring: merchantAlertQuery,
        ...described({ tag, summary: merchantSummary, reply: alertPage }),
      },
      onRequest: auth.allow("reader"),
    },
    async (request, reply) => {
      const { merchant_id: merchantId } = request.params;
      const refusal = auth.outOfReach(request, merchantId);
      if (refusal) return send(reply, refusal);
      const page = pageRequestOf(request.query);
      if (page.kind === "invalid") return send(reply, invalidRequest(page.errors, request.id));
      return reply.send(await listAlertsOfMerchant(reads, merchantId, request.query, page));
    },
  );

  const unresolvedSummary = "Alerts that nobody has resolved, newest first";
  app.get<{ Querystring: UnresolvedAlertQuery }>(
    "/api/v1/alerts/unresolved",
    {
      schema: {
        querystring: unresolvedAlertQuery,
        ...described({ tag, summary: unresolvedSummary, reply: alertPage }),
      },
      onRequest: auth.allow("admin"),
    },
    async (request, reply) => {
      const page = pageRequestOf(request.query);
      if (page.kind === "invalid") return send(reply, invalidRequest(page.errors, request.id));
      return reply.send(await listUnresolvedAlerts(reads, request.query, page));
    },
  );

  const deliveriesSummary = "Whom an alert has reached, and with how many attempts";
  app.get<{ Params: Static<typeof alertParams> }>(
    "/api/v1/alerts/:id/deliveries",
    {
      schema: {
        params: alertParams,
        querystring: noQuery,
        ...described({ tag, summary: deliveriesSummary, reply: deliveriesReply }),
      },
      onRequest: auth.allow("admin"),
    },
    async (request, reply) => {
      const { id: alertId } = request.params;
      const items = await listDeliveries(reads, { state: null, alertId, itemsMax: targetsMax });
      return reply.send({ items });
    },
  );

  const resendSummary = "Send an alert again to all that it was for, whatever became of it";
  app.post<{ Params: Static<typeof alertParams> }>(
    "/api/v1/alerts/:id/resend",
    {
      schema: {
        params: alertParams,
        body: resendBody,
        ...described({ tag, summary: resendSummary, reply: resendReply }),
      },
      onRequest: auth.allow("admin"),
    },
    async (request, reply) => {
      const { id: alertId } = request.params;
      const [found] = await reads.run(alertExists, [alertId]);
      if (!found) {
        const message = refusals.ALERT_NOT_FOUND;
        return send(reply, problem("ALERT_NOT_FOUND", message, request.id));
      }
      const targets = await resend(database, { alertId, targets: [], now: clock.now() });
      return reply.send({ alert_id: alertId, targets });
    },
  );

  const resolveSummary = "Resolve an alert; a second time answers 409";
  app.post<{ Params: Static<typeof alertParams>; Body: Static<typeof resolveBody> }>(
    "/api/v1/alerts/:id/resolve",
    {
      schema: {
        params: alertParams,
        body: resolveBody,
        ...described({ tag, summary: resolveSummary, reply: alertReply }),
      },
      onRequest: auth.allow("admin"),
    },
    async (request, reply) => {
      const resolved = await resolve(database, {
        id: request.params.id,
        at: new Date(clock.now()),
        by: auth.callerOf(request).operator.id,
        notes: request.body.notes ?? null,
      });
      if (typeof resolved !== "string") return reply.send(resolved);
      return send(reply, problem(resolved, refusals[resolved], request.id));
    },
  );
}
