import test from "ava";

import { exactFrom } from "../../../../ops/console/exact-json.ts";

test("totals of a reply are whole numbers of any kind, and all else stays as it is", (t) => {
  const text =
    '{"items":[{"daily_used":12,"daily_limit":null,"transactions_today":3,"currency":"USD"}]}';

  const read = exactFrom(text);

  t.deepEqual(read, {
    items: [{ daily_used: 12n, daily_limit: null, transactions_today: 3, currency: "USD" }],
  });
});
