import { isUtf8 } from "node:buffer";

import type { FastifyInstance } from "fastify";

/** What a body that tries to reach a prototype must contain: the names, or an escape that could spell them. */
const suspicious = /__proto__|constructor|\\u/;

/**
 * Reads JSON bodies from their bytes, which is a tenth of a consume cheaper than fastify's own reading as text.
 * An empty one is no body, whatever its head says: the check of the route then names what lacks.
 * Bodies that are suspicious or broken go to fastify's parser, which refuses prototype poisoning and names what is wrong.
 * One that is not UTF-8 is refused: read as text, it would be stored other than it was sent.
 */
export function useJson(app: FastifyInstance): void {
  const strict = app.getDefaultJsonParser("error", "error");
  app.removeContentTypeParser(["application/json", "text/plain"]);
  app.addContentTypeParser<Buffer>(
    "application/json",
    { parseAs: "buffer" },
    (request, bytes, done) => {
      if (bytes.length === 0) {
        done(null, undefined);
        return;
      }
      if (!isUtf8(bytes)) {
        done(Object.assign(new Error("the body is not UTF-8"), { statusCode: 400 }), undefined);
        return;
      }
      const text = bytes.toString("utf8");
      let body: unknown;
      if (!suspicious.test(text)) {
        try {
          body = JSON.parse(text);
        } catch {
          body = undefined;
        }
      }
      if (body === undefined) void strict(request, text, done);
      else done(null, body);
    },
  );
}
