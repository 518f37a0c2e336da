import test from "ava";
import fc from "fast-check";

import { shardsMovedFrom, shardsMovedTexts } from "../../../src/wire/shards-moved.ts";

const heardBytesMax = 4_096;
const anyTo = fc.option(fc.constantFrom("shard-1", "n".repeat(255)), { nil: null });

test("whatever has moved is told, in pieces that are short enough to be heard", (t) => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 4_096 }), anyTo, (count, to) => {
      const shards = Array.from({ length: count }, (_, n) => 4_095 - n);

      const texts = shardsMovedTexts({ shards, to });

      const heard = texts.map((text) => shardsMovedFrom(text));
      t.deepEqual(
        heard.flatMap((each) => each?.shards ?? []),
        shards,
      );
      for (const each of heard) t.is(each?.to, to);
      for (const text of texts) t.true(Buffer.byteLength(text) <= heardBytesMax);
    }),
  );
});

const rubbish: Readonly<Record<string, unknown>> = {
  "no object": 7,
  "no shards": { to: "shard-1" },
  "an empty list": { shards: [], to: "shard-1" },
  "a shard that no cluster has": { shards: [4_096], to: "shard-1" },
  "a shard below 0": { shards: [-1], to: "shard-1" },
  "half a shard": { shards: [1.5], to: "shard-1" },
  "more than are told at once": { shards: Array(513).fill(1), to: null },
  "no word of the owner": { shards: [1] },
  "an owner without a name": { shards: [1], to: "" },
};

for (const [what, body] of Object.entries(rubbish)) {
  test(`an announcement with ${what} is refused`, (t) => {
    t.is(shardsMovedFrom(JSON.stringify(body)), null);
  });
}

test("what is not JSON is refused", (t) => {
  t.is(shardsMovedFrom("{"), null);
});
