import test from "ava";

import { readBody } from "../../../src/client/exact-json.ts";

test("a total over 2^53 is read to the last digit, and a small one has the same type", (t) => {
  const text = '{"daily_used":9223372036854775807,"monthly_used": 5,"remaining_daily":-1}';

  t.deepEqual(readBody(text), {
    daily_used: 9223372036854775807n,
    monthly_used: 5n,
    remaining_daily: -1n,
  });
});

test("what is no total stays as JSON has it", (t) => {
  const text =
    '{"version":7,"usage_rate":0.5,"daily_limit":null,"log_id":"12","reservation":{"amount":3}}';

  t.deepEqual(readBody(text), {
    version: 7,
    usage_rate: 0.5,
    daily_limit: null,
    log_id: "12",
    reservation: { amount: 3n },
  });
});

test("text that looks like a total is text", (t) => {
  const message = 'said "daily_used":1, and \\';

  t.deepEqual(readBody(JSON.stringify({ message, daily_used: 1 })), { message, daily_used: 1n });
});

test("what is no object of JSON is nothing", (t) => {
  for (const text of ["", "<html>", "[1]", "null", '{"daily_used":', '{"daily_used":1e3']) {
    t.is(readBody(text), null, text);
  }
});
