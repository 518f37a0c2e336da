import type { FastifyInstance } from "fastify";

import type { Clock } from "../../platform/clock.ts";
import type { Session } from "../../platform/database.ts";
import { clusterReply } from "../../wire/http-console.ts";
import { noQuery } from "../../wire/http-list.ts";
import { described } from "../described.ts";
import type { Auth } from "../plugins/auth.ts";
import { readCluster } from "../reads/cluster.ts";

/** Who owns which shard. */
export function clusterRoute(
  app: FastifyInstance,
  options: { readonly auth: Auth; readonly reads: Session; readonly clock: Clock },
): void {
  const { auth, reads, clock } = options;
  const summary = "The nodes, and which of them owns which shard";
  app.get(
    "/api/v1/cluster",
    {
      schema: {
        querystring: noQuery,
        ...described({ tag: "Administration", summary, reply: clusterReply }),
      },
      onRequest: auth.allow("admin"),
    },
    async (_request, reply) =>
      reply.send({ at: new Date(clock.now()), ...(await readCluster(reads)) }),
  );
}
