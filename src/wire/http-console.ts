import { type Static, Type } from "typebox";

import { closed, textOrNull, time } from "./http-field.ts";

/** Queries, replies and events of the operators' page. */

export const streamSecondsMax = 900;

export const liveQuery = Type.Object(
  {
    seconds: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: streamSecondsMax,
        default: streamSecondsMax,
        description: "Ends after so long; whoever wants more asks again.",
        examples: [1],
      }),
    ),
  },
  closed,
);
export type LiveQuery = Static<typeof liveQuery>;

/** The data of one event of the stream. */
export const beat = Type.Object(
  {
    at: time("End of the time that it tells of."),
    seconds: Type.Number({ description: "Length of that time." }),
    operations: Type.Array(
      Type.Object({
        action: Type.String(),
        outcome: Type.String({
          description: "`accepted`, `duplicate`, or the code of the refusal or fault.",
        }),
        count: Type.Integer(),
      }),
    ),
    latency_ms: Type.Unsafe<{ readonly p50: number; readonly p99: number } | null>({
      type: "object",
      nullable: true,
      description: "From the question to the owner's answer; null = nothing was asked.",
      properties: { p50: { type: "number" }, p99: { type: "number" } },
    }),
  },
  { description: "What passed this edge." },
);
export type Beat = Static<typeof beat>;

export const sessionReply = Type.Object({
  user_id: Type.String(),
  rights: Type.Array(Type.String(), { description: "Of `reader`, `caller` and `admin`." }),
  only_merchant: textOrNull("The only merchant that the token reaches; null = every one."),
  currencies: Type.Array(
    Type.Object({
      currency: Type.String(),
      digits: Type.Integer({ description: "Decimal digits of the minor unit." }),
    }),
  ),
  version: Type.String({ description: "Of the service." }),
});
export type SessionReply = Static<typeof sessionReply>;
