import test from "ava";
import { Value } from "typebox/value";

import { alertEvent, eventText } from "../../../src/wire/event.ts";
import { alertEventWith } from "../../support/alert-event.ts";

test("an alert is told with every field of its schema, and no other", (t) => {
  const told: unknown = JSON.parse(eventText(alertEventWith()));
  const byNoChange: unknown = JSON.parse(eventText(alertEventWith({ version: null })));

  t.true(Value.Check(alertEvent, told));
  t.true(Value.Check(alertEvent, byNoChange));
  t.deepEqual(Object.keys(told as object).sort(), Object.keys(alertEvent.properties).sort());
});

test("amounts are told exactly, beyond what a number can hold", (t) => {
  const text = eventText(alertEventWith({ current_used: 2n ** 63n - 1n, version: null }));

  t.true(text.includes('"current_used":9223372036854775807'));
  t.true(text.includes('"version":null'));
});
