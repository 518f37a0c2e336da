import test from "ava";

import { Fault } from "../../../src/wire/fault.ts";
import { offeredFrom } from "../../../src/wire/offered-setting.ts";

function offered(body: unknown): Record<string, string | null> {
  return Object.fromEntries(offeredFrom(body));
}

const entries = [
  { id: 1, key: "LOG_LEVEL", value: "debug", updated_by: "ann" },
  { key: "DEFAULT_DAILY_LIMIT", value: 5_000_000 },
  { key: "EVENTS_USAGE", value: true },
];
const read = { LOG_LEVEL: "debug", DEFAULT_DAILY_LIMIT: "5000000", EVENTS_USAGE: "true" };

test("settings are read in both dialects of the config service", (t) => {
  t.deepEqual(offered({ code: 0, data: { items: entries } }), read);
  t.deepEqual(offered({ code: "SUCCESS", data: { list: entries, total: 3 } }), read);
  t.deepEqual(offered({ code: 0, data: { items: null, list: entries } }), read);
  t.deepEqual(offered({ items: entries }), read);
});

test("a service without settings of ours offers none", (t) => {
  t.deepEqual(offered({ code: 0, data: { items: [] } }), {});
  t.deepEqual(offered({ code: 0, data: { list: null } }), {});
});

test("an odd entry costs nobody the others", (t) => {
  const odd = [null, 5, "LOG_LEVEL", {}, { key: 7, value: "x" }, { key: "", value: "x" }];

  t.deepEqual(offered({ data: { items: [...odd, ...entries] } }), read);
});

test("a value that is no text, number or boolean cannot be one, and null is none at all", (t) => {
  const list = [
    { key: "LOG_LEVEL", value: { level: "debug" } },
    { key: "ENV", value: ["a"] },
    { key: "PORT", value: null },
    { key: "HOST" },
  ];

  t.deepEqual(offered({ data: { list } }), { LOG_LEVEL: null, ENV: null });
});

test("of two entries with one key the last counts", (t) => {
  const items = [
    { key: "PORT", value: 1 },
    { key: "PORT", value: 2 },
  ];

  t.deepEqual(offered({ items }), { PORT: "2" });
});

test("what is no list of settings is refused", (t) => {
  const others = [null, [], "ok", {}, { data: {} }, { data: [] }, { data: { items: "LOG_LEVEL" } }];
  for (const body of [...others, { code: 500, message: "down", data: { items: [] } }]) {
    const error = t.throws(() => offeredFrom(body), { instanceOf: Fault });

    t.is(error.code, "SHARD_UNAVAILABLE");
    t.regex(error.message, /^the config service's answer (cannot be used|says failure): /);
  }
});
