import { Type } from "typebox";
import { Compile } from "typebox/compile";

/** No cluster has a shard of a higher number. */
const shardMax = 4_095;
/** Shards in one announcement: with the longest of them it stays below the 4,096 bytes that are heard of one. */
const shardsMax = 512;

/** What nodes tell each other of shards that have changed hands. */
const announcement = Compile(
  Type.Object({
    shards: Type.Array(Type.Integer({ minimum: 0, maximum: shardMax }), {
      minItems: 1,
      maxItems: shardsMax,
    }),
    to: Type.Union([Type.String({ minLength: 1, maxLength: 255 }), Type.Null()]),
  }),
);

export interface ShardsMoved {
  readonly shards: readonly number[];
  /** The node that owns them now; null = nobody, they are free. */
  readonly to: string | null;
}

/** The announcements that tell it: as many as are needed, none is too long to be heard. */
export function shardsMovedTexts({ shards, to }: ShardsMoved): readonly string[] {
  const texts: string[] = [];
  for (let from = 0; from < shards.length; from += shardsMax) {
    texts.push(JSON.stringify({ shards: shards.slice(from, from + shardsMax), to }));
  }
  return texts;
}

/** @returns null when the text is no such announcement */
export function shardsMovedFrom(text: string): ShardsMoved | null {
  try {
    const body: unknown = JSON.parse(text);
    return announcement.Check(body) ? { shards: body.shards, to: body.to } : null;
  } catch {
    return null;
  }
}
