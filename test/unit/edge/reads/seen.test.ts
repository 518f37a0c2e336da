import test from "ava";

import { currenciesWith } from "../../../../src/domain/currency.ts";
import type { Session } from "../../../../src/platform/database.ts";
import { hasReached, seenOf } from "../../../../src/edge/reads/seen.ts";
import { bearer, testApp } from "../../../support/edge-app.ts";

const currencies = currenciesWith(new Map());

test("of two versions of a currency the higher has been seen", (t) => {
  const asked = seenOf({ min_version: "USD:41,EUR:7,USD:40" }, currencies);

  t.deepEqual(asked.kind === "seen" ? [...asked.seen] : [], [
    ["USD", 41],
    ["EUR", 7],
  ]);
});

test("a store has reached what was seen when every key is there, and as new", async (t) => {
  const asked: unknown[] = [];
  const store: Session = {
    run: (_, values) => {
      asked.push(values);
      return Promise.resolve([{ currency: "USD", version: 41n }]);
    },
  };
  const reached = (min_version: string): Promise<boolean> => {
    const read = seenOf({ min_version }, currencies);
    return hasReached(store, "M", read.kind === "seen" ? read.seen : new Map());
  };

  t.true(await reached("USD:41"));
  t.false(await reached("USD:42"));
  t.false(await reached("USD:41,EUR:1"));
  t.deepEqual(asked.at(-1), [["M USD", "M EUR"]]);
});

for (const [given, wrong] of [
  ["41", /match pattern/],
  ["usd:41", /match pattern/],
  ["USD:0", /match pattern/],
  ["USD:-1", /match pattern/],
  ["USD:1".concat(",USD:1".repeat(10)), /match pattern/],
  ["ABC:1", /names ABC, which is neither an ISO 4217 code nor one of EXTRA_CURRENCIES/],
  ["USD:9", /names a version that the merchant's quota in that currency does not have/],
] as const) {
  test(`a min_version of ${given} is refused, and what is wrong is said`, async (t) => {
    const { app } = testApp();
    for (const list of ["quotas", "usage-logs"]) {
      const url = `/api/v1/${list}/merchant/M?min_version=${given}`;

      const reply = await app.inject({ url, headers: bearer() });

      t.is(reply.statusCode, 400);
      t.regex(reply.payload, wrong);
      t.like(reply.json(), { code: "INVALID_REQUEST", errors: [{ field: "min_version" }] });
    }
  });
}
