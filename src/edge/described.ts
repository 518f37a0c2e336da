import type { TSchema } from "typebox";

import { problemReply } from "../wire/http-reply.ts";

/** Each status by itself: the page does not match `4XX` with a 403. */
const problemReplies = Object.fromEntries(
  [400, 401, 403, 404, 409, 413, 422, 429, 500, 503, 504].map((status) => [status, problemReply]),
);

/** What the published document says of a call, and by what its replies are printed. */
export function described(options: {
  readonly tag: string;
  readonly summary: string;
  readonly description?: string;
  readonly reply: TSchema;
}) {
  const { tag, summary, description, reply } = options;
  return {
    tags: [tag],
    summary,
    ...(description === undefined ? {} : { description }),
    security: [{ bearer: [] }],
    response: { 200: reply, ...problemReplies },
  };
}
