import type { FastifyInstance } from "fastify";

import type { Metrics } from "../../platform/metrics.ts";
import { livePath } from "../routes/live.ts";

/** Counts and times every request but streams by its route's pattern. */
export function useMetrics(app: FastifyInstance, metrics: Metrics): void {
  app.addHook("onResponse", (request, reply, done) => {
    const path = request.routeOptions.url ?? "unmatched";
    done();
    if (path === livePath) return;
    metrics.httpRequest(request.method, path, reply.statusCode, reply.elapsedTime / 1_000);
  });
}

/** Shows the counts. */
export function metricsRoute(app: FastifyInstance, metrics: Metrics): void {
  const schema = { tags: ["Service"], summary: "Prometheus metrics", security: [] };
  app.get("/metrics", { schema }, async (_request, reply) => {
    const text = await metrics.text();
    return reply.type(metrics.mediaType).send(text);
  });
}
