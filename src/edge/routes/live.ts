import { Readable } from "node:stream";

import type { FastifyInstance } from "fastify";

import type { Clock } from "../../platform/clock.ts";
import { beat, type LiveQuery, liveQuery, streamSecondsMax } from "../../wire/http-console.ts";
import { problem } from "../../wire/http-problem.ts";
import { problemReply } from "../../wire/http-reply.ts";
import { described } from "../described.ts";
import type { Auth } from "../plugins/auth.ts";
import type { Pulse } from "../pulse.ts";
import { send } from "../send.ts";

/** Lasts as long as somebody looks: neither its length nor its end says how fast answers are. */
export const livePath = "/api/v1/live";

/** Of one reader that does not read; then it misses events. */
const unreadBytesMax = 64 * 1024;

/** What happens at this moment, second by second, as server-sent events. */
export function liveRoute(
  app: FastifyInstance,
  options: { readonly auth: Auth; readonly pulse: Pulse; readonly clock: Clock },
): void {
  const { auth, pulse, clock } = options;
  const streams = new Set<Readable>();
  app.addHook("preClose", (done) => {
    for (const stream of streams) stream.push(null);
    done();
  });

  const summary = "What passes this edge, second by second, as server-sent events";
  const documented = described({ tag: "Administration", summary, reply: problemReply });
  const events = {
    description: "Events named `beat`, one a second.",
    content: { "text/event-stream": { schema: beat } },
  };
  app.get<{ Querystring: LiveQuery }>(
    livePath,
    {
      schema: {
        querystring: liveQuery,
        ...documented,
        response: { ...documented.response, 200: events },
      },
      onRequest: auth.allow("admin"),
    },
    (request, reply) => {
      const stream = new Readable({ read: () => undefined });
      const stop = pulse.watch((told) => {
        if (stream.readableLength > unreadBytesMax) return;
        stream.push(`event: beat\ndata: ${JSON.stringify(told)}\n\n`);
      });
      if (stop === undefined) {
        send(reply, problem("OVERLOADED", "as many watch already as may", request.id));
        return;
      }
      const cancelEnd = clock.after((request.query.seconds ?? streamSecondsMax) * 1_000, () => {
        stream.push(null);
      });
      streams.add(stream);
      stream.once("close", () => {
        stop();
        cancelEnd();
        streams.delete(stream);
      });
      // The reader knows at once that it is let in.
      stream.push(": begins\n\n");
      void reply
        .headers({
          "content-type": "text/event-stream; charset=utf-8",
          "cache-control": "no-store",
          "x-accel-buffering": "no",
        })
        .send(stream);
    },
  );
}
