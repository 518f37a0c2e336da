import { type Static, Type } from "typebox";

import {
  closed,
  textOrNull,
  time,
  timeOrNull,
  total,
  totalOrNull,
  windowField,
} from "./http-field.ts";

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

export const clusterReply = Type.Object({
  at: time("By this edge's clock."),
  nodes: Type.Array(
    Type.Object({
      node: Type.String(),
      alive: Type.Boolean({ description: "Its lease has not passed." }),
      draining: Type.Boolean({ description: "It gives its shards away." }),
      address: Type.String(),
      version: Type.String(),
      since: time("When it opened its journal stream."),
      behind: Type.Integer({ description: "Journal rows that the tables do not have yet." }),
    }),
  ),
  shards: Type.Array(
    Type.Object({
      shard: Type.Integer(),
      node: textOrNull("Its owner; null = it is free."),
      epoch: Type.Integer({ description: "How often it has changed its owner." }),
      pinned_node: textOrNull("Where operators want it."),
      keys: Type.Integer({ description: "That were ever used." }),
      changes: Type.Integer({ description: "Of all its keys, ever: two looks give the load." }),
    }),
  ),
});
export type ClusterReply = Static<typeof clusterReply>;

export const resendBody = Type.Object({}, { ...closed, examples: [{}] });

export const curveReply = Type.Object({
  window: windowField,
  from: time("Begin of the running period."),
  to: time("Its end."),
  at: time("The time that the last point is of."),
  limit: totalOrNull("null = unlimited."),
  points: Type.Array(Type.Object({ at: time(""), used: total("") }), {
    description: "What was used at a time; between two points it changes somewhere.",
  }),
});

export const curveQuery = Type.Object(
  { window: Type.Optional(Type.Enum(["daily", "monthly", "yearly"], { default: "daily" })) },
  closed,
);

export const deliveriesReply = Type.Object({
  items: Type.Array(
    Type.Object({
      target: Type.String(),
      channel: Type.String({ description: "`nats`, `webhook` or `notification`." }),
      state: Type.String({ description: "`pending`, `delivered` or `failed`." }),
      attempts: Type.Integer(),
      next_try_at: timeOrNull("Of a pending one."),
      delivered_at: timeOrNull(""),
      last_error: textOrNull(""),
    }),
  ),
});

export const resendReply = Type.Object({
  alert_id: Type.String(),
  targets: Type.Array(Type.String(), { description: "Pending again." }),
});
export type CurveQuery = Static<typeof curveQuery>;
