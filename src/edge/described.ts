import type { TSchema } from "typebox";

import { problemReply } from "../wire/http-reply.ts";

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
    response: { 200: reply, "4xx": problemReply, "5xx": problemReply },
  };
}
