import type { FastifyBaseLogger, FastifyInstance } from "fastify";

import type { Clock } from "../../platform/clock.ts";
import { merchantAsked } from "../merchant-asked.ts";
import { changePath } from "../routes/cluster.ts";
import { livePath } from "../routes/live.ts";
import type { Marks } from "./trace.ts";

/** An answer that takes longer is worth a line. */
const slowDefaultMs = 1_000;
/** In an outage every request is slow: so many lines in a while, the rest is counted by the next one. */
const linesMax = 10;
const whileMs = 10_000;

/** Calls that last as long as what they are about. */
const lasting: ReadonlySet<string> = new Set([livePath, changePath]);

/** Logs requests that took long, and by what they are found. */
export function useSlowLog(
  app: FastifyInstance,
  options: {
    readonly log: Pick<FastifyBaseLogger, "warn">;
    readonly clock: Clock;
    readonly marks: Marks;
    readonly slowMs?: number;
  },
): void {
  const { log, clock, marks, slowMs = slowDefaultMs } = options;
  let untilMs = 0;
  let lines = 0;
  let leftOut = 0;
  app.addHook("onResponse", (request, reply, done) => {
    done();
    if (reply.elapsedTime < slowMs || lasting.has(request.routeOptions.url ?? "")) return;
    const nowMs = clock.elapsedMs();
    if (nowMs >= untilMs) {
      untilMs = nowMs + whileMs;
      lines = 0;
    }
    if (lines >= linesMax) {
      leftOut += 1;
      return;
    }
    lines += 1;
    const { requestId, traceId } = marks.of(request);
    const fields = {
      requestId,
      traceId,
      merchantId: merchantAsked(request),
      method: request.method,
      path: request.routeOptions.url ?? "unmatched",
      status: reply.statusCode,
      tookMs: Math.round(reply.elapsedTime),
      leftOut,
    };
    log.warn(fields, "slow request");
    leftOut = 0;
  });
}
