import { type Static, Type } from "typebox";

import { closed, textOrNull } from "./http-field.ts";

/** What operators wish of the shards, and what becomes of it. */

/** SHARD_COUNT is no larger. */
const shardsMax = 4_096;
const waitSeconds = { byDefault: 20, max: 60 } as const;
const movesByDefault = 16;
const nodeName = Type.String({ pattern: "^[!-~]{1,128}$", examples: ["shard-1"] });

/** Which of the other fields belong to an action. */
export const wishFields = {
  drain: ["node"],
  undrain: ["node"],
  move: ["shard", "node"],
  pin: ["shard", "node"],
  unpin: ["shard"],
  rebalance: ["pins_max"],
} as const;

const wish = {
  action: Type.Enum(["drain", "undrain", "move", "pin", "unpin", "rebalance"], {
    description:
      "`drain` empties a node, `undrain` takes that back; `move` brings a shard to a node, `pin` keeps it there, `unpin` " +
      "leaves it to the plan; `rebalance` takes away the pins that keep the nodes uneven.",
  }),
  node: Type.Optional(nodeName),
  shard: Type.Optional(Type.Integer({ minimum: 0, maximum: shardsMax - 1 })),
  pins_max: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: shardsMax,
      default: movesByDefault,
      description: "Of a rebalance: so many pins are taken away at most.",
    }),
  ),
};

export const planBody = Type.Object(wish, { ...closed, examples: [{ action: "rebalance" }] });
export type PlanBody = Static<typeof planBody>;

export const changeBody = Type.Object(
  {
    ...wish,
    plan: Type.Optional(
      Type.String({
        pattern: "^[0-9a-f]{32}$",
        description: "Of the plan that was looked at: another one is not carried out.",
      }),
    ),
    wait_seconds: Type.Optional(
      Type.Integer({ minimum: 0, maximum: waitSeconds.max, default: waitSeconds.byDefault }),
    ),
  },
  { ...closed, examples: [{ action: "rebalance", wait_seconds: 5 }] },
);
export type ChangeBody = Static<typeof changeBody>;

export function waitMsOf({ wait_seconds: seconds = waitSeconds.byDefault }: ChangeBody): number {
  return seconds * 1_000;
}

export function pinsMaxOf({ pins_max: pins = movesByDefault }: PlanBody): number {
  return pins;
}

const spread = Type.Array(Type.Object({ node: Type.String(), shards: Type.Integer() }));

const foreseen = {
  title: Type.String({ description: "Such as `drain shard-2`." }),
  plan: Type.String({ description: "Changes whenever anything else would be done." }),
  moves: Type.Array(
    Type.Object({
      shard: Type.Integer(),
      from: textOrNull("null = nobody who lives owns it."),
      to: Type.String(),
    }),
    { description: "As things are now; a node that comes or goes changes it." },
  ),
  before: Type.Unsafe<Static<typeof spread>>({ ...spread, description: "Shards of each node." }),
  after: spread,
  notes: Type.Array(Type.String()),
  is_wished: Type.Boolean({ description: "It is wished already, by whomever." }),
};

export const planReply = Type.Object(foreseen);
export type PlanReply = Static<typeof planReply>;

export const changeReply = Type.Object({
  ...foreseen,
  ended: Type.Enum(["idle", "finished", "unfinished"], {
    description:
      "`idle`: nothing was to do; `unfinished`: the time is over, and the nodes go on with it (a `move` was taken back).",
  }),
  left: Type.Array(Type.Integer(), { description: "Shards that are not where the plan has them." }),
  seconds: Type.Number(),
});
export type ChangeReply = Static<typeof changeReply>;

/** A wish that cannot be: which field of it is wrong, and what would do. */
export interface WishNo {
  readonly kind: "refused";
  readonly field: string;
  readonly message: string;
}

/** What would become of a wish. */
export type Planned = { readonly kind: "planned"; readonly reply: PlanReply } | WishNo;

/** What became of a wish; nothing was changed where it was not done. */
export type Changed =
  | { readonly kind: "done"; readonly reply: ChangeReply }
  /** Another operator is at it; `message` says who. */
  | { readonly kind: "occupied"; readonly message: string }
  /** The plan that was looked at does not hold any more. */
  | { readonly kind: "outdated" }
  | WishNo;
