import type { FastifyInstance } from "fastify";

import type { Clock } from "../../platform/clock.ts";
import type { Session } from "../../platform/database.ts";
import type { FieldError } from "../../wire/http-check.ts";
import {
  type ChangeBody,
  changeBody,
  type Changed,
  changeReply,
  type PlanBody,
  planBody,
  type Planned,
  planReply,
  wishFields,
} from "../../wire/http-cluster.ts";
import { clusterReply } from "../../wire/http-console.ts";
import { noQuery } from "../../wire/http-list.ts";
import { invalidRequest, problem } from "../../wire/http-problem.ts";
import { described } from "../described.ts";
import type { Auth } from "../plugins/auth.ts";
import { readCluster } from "../reads/cluster.ts";
import { send } from "../send.ts";

/** Lasts as long as the shards move: its length says nothing of how fast answers are. */
export const changePath = "/api/v1/cluster/change";

/** Whoever changes what operators wish of the shards. */
export interface ClusterOperators {
  plan(wish: PlanBody): Promise<Planned>;
  change(wish: ChangeBody, by: string, stop: AbortSignal): Promise<Changed>;
}

/** Who owns which shard, and changes to that. */
export function clusterRoutes(
  app: FastifyInstance,
  options: {
    readonly auth: Auth;
    readonly reads: Session;
    readonly clock: Clock;
    readonly operators: ClusterOperators;
  },
): void {
  const { auth, reads, clock, operators } = options;
  const tag = "Administration";
  const closing = new AbortController();
  app.addHook("preClose", (done) => {
    closing.abort();
    done();
  });

  const summary = "The nodes, and which of them owns which shard";
  app.get(
    "/api/v1/cluster",
    {
      schema: { querystring: noQuery, ...described({ tag, summary, reply: clusterReply }) },
      onRequest: auth.allow("admin"),
    },
    async (_request, reply) =>
      reply.send({ at: new Date(clock.now()), ...(await readCluster(reads)) }),
  );

  const planSummary = "What a change of the shards' owners would do; nothing is changed";
  app.post<{ Body: PlanBody }>(
    "/api/v1/cluster/plan",
    {
      schema: { body: planBody, ...described({ tag, summary: planSummary, reply: planReply }) },
      onRequest: auth.allow("admin"),
    },
    async ({ body, id }, reply) => {
      const errors = misfitsOf(body);
      if (errors.length > 0) return send(reply, invalidRequest(errors, id));
      const planned = await operators.plan(body);
      if (planned.kind === "planned") return reply.send(planned.reply);
      return send(reply, invalidRequest([planned], id));
    },
  );

  const changeSummary = "Change the shards' owners, and wait until the shards have moved";
  app.post<{ Body: ChangeBody }>(
    changePath,
    {
      schema: {
        body: changeBody,
        ...described({
          tag,
          summary: changeSummary,
          description:
            "One operator at a time, `quotactl shards` included: another finds `OPERATOR_AT_WORK`. With the `plan` of a " +
            "plan that was looked at, `PLAN_OUTDATED` says that something else would be done now.",
          reply: changeReply,
        }),
      },
      onRequest: auth.allow("admin"),
    },
    async (request, reply) => {
      const { body, id } = request;
      const errors = misfitsOf(body);
      if (errors.length > 0) return send(reply, invalidRequest(errors, id));
      const by = auth.callerOf(request).operator.id;
      const changed = await operators.change(body, by, closing.signal);
      switch (changed.kind) {
        case "done":
          return reply.send(changed.reply);
        case "refused":
          return send(reply, invalidRequest([changed], id));
        case "occupied":
          return send(reply, problem("OPERATOR_AT_WORK", changed.message, id));
        case "outdated": {
          const message = "the cluster has changed since the plan was made: look at it again";
          return send(reply, problem("PLAN_OUTDATED", message, id));
        }
      }
    },
  );
}

/** Fields that an action lacks, and those that are of another. */
function misfitsOf(wish: PlanBody): readonly FieldError[] {
  const wanted: readonly string[] = wishFields[wish.action];
  return (["node", "shard", "pins_max"] as const).flatMap((field) => {
    const isGiven = wish[field] !== undefined;
    if (wanted.includes(field)) {
      const isNeeded = field !== "pins_max" && !isGiven;
      return isNeeded ? [{ field, message: `is needed to ${wish.action}` }] : [];
    }
    return isGiven ? [{ field, message: `does not belong to ${wish.action}` }] : [];
  });
}
