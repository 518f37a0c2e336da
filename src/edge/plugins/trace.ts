import type { FastifyInstance, FastifyRequest } from "fastify";

import type { RequestSpan, Tracer } from "../../platform/tracer.ts";
import type { Mark } from "../mark.ts";
import { livePath } from "../routes/live.ts";
import { traceIdOf } from "../../wire/trace-id.ts";

/** What each request is found by. */
export interface Marks {
  of(request: FastifyRequest): Mark;
}

/** Asked every few seconds by machines, so that their spans would bury the others; and what lasts for minutes. */
const untraced: ReadonlySet<string> = new Set([
  "/health",
  "/health/live",
  "/health/ready",
  "/metrics",
  livePath,
]);

/**
 * Gives every request a span, and the answer a `traceparent` by which its caller finds it.
 * @param tracer null = tracing is off: the trace of a request is what its caller says
 */
export function useTrace(app: FastifyInstance, tracer: Tracer | null): Marks {
  if (tracer === null) return { of: untracedMark };
  const spans = new WeakMap<FastifyRequest, RequestSpan>();
  app.addHook("onRequest", (request, reply, done) => {
    const path = request.routeOptions.url ?? "unmatched";
    if (!untraced.has(path)) {
      const { method, id: requestId, headers } = request;
      const span = tracer.request({ method, path, requestId, headers });
      spans.set(request, span);
      void reply.header("traceparent", span.traceparent);
    }
    done();
  });
  app.addHook("onResponse", (request, reply, done) => {
    spans.get(request)?.end(reply.statusCode);
    done();
  });
  app.addHook("onRequestAbort", (request, done) => {
    spans.get(request)?.end(null);
    done();
  });
  return {
    of: (request) => {
      const span = spans.get(request);
      return span ? { requestId: request.id, traceId: span.traceId, span } : untracedMark(request);
    },
  };
}

function untracedMark({ id: requestId, headers }: FastifyRequest): Mark {
  return { requestId, traceId: traceIdOf(headers["traceparent"]), span: null };
}
