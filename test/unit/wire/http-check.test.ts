import test from "ava";
import type { TSchema } from "typebox";

import { currenciesWith } from "../../../src/domain/currency.ts";
import { batchBody, batchOperationsMax, consumeBody } from "../../../src/wire/http.ts";
import { createChecker, type FieldError } from "../../../src/wire/http-check.ts";

const checker = createChecker(currenciesWith(new Map()));
const key = { merchant_id: "M", currency: "USD", order_no: "A", amount: 1 };

function manyFields(count: number): Record<string, number> {
  return Object.fromEntries(Array.from({ length: count }, (_, n) => [`k${n}`, n]));
}

/** Counts how often anything within is looked at. */
function watched<T extends object>(value: T): { readonly value: T; readonly looks: () => number } {
  let looks = 0;
  const handler: ProxyHandler<T> = {
    get(target, name): unknown {
      looks += 1;
      return Reflect.get(target, name);
    },
    has(target, name) {
      looks += 1;
      return Reflect.has(target, name);
    },
  };
  return { value: new Proxy(value, handler), looks: () => looks };
}

function errorsOf(schema: TSchema, value: unknown): readonly FieldError[] {
  const checked = checker(schema)(value);
  return checked.kind === "invalid" ? checked.errors : [];
}

test("of tens of thousands of unknown fields 50 are named, and none is looked at", (t) => {
  const { value, looks } = watched({ ...key, ...manyFields(30_000) });

  const errors = errorsOf(consumeBody, value);

  t.is(errors.length, 50);
  t.deepEqual(errors[0], { field: "k0", message: "is not a known field" });
  t.true(looks() < 100, String(looks()));
});

test("a batch with tens of thousands of unknown fields is refused without a look at them", (t) => {
  const { value, looks } = watched({ operations: [{ op: "check" }], ...manyFields(30_000) });

  t.is(errorsOf(batchBody, value).length, 50);
  t.true(looks() < 100, String(looks()));
});

test("metadata of tens of thousands of values is named once, and its values are not looked at", (t) => {
  const { value: metadata, looks } = watched(manyFields(30_000));

  const errors = errorsOf(consumeBody, { ...key, metadata });

  t.deepEqual(errors, [{ field: "metadata", message: "must not have more than 16 properties" }]);
  t.true(looks() < 100, String(looks()));
});

test("a batch of too many operations is refused without a look at any", (t) => {
  const { value: operations, looks } = watched(
    Array.from({ length: 100 * batchOperationsMax }, () => ({})),
  );

  const errors = errorsOf(batchBody, { operations });

  t.deepEqual(errors, [{ field: "operations", message: "must not have more than 1000 items" }]);
  t.true(looks() < 100, String(looks()));
});

test("a body with a few unknown fields is told all that is wrong", (t) => {
  const errors = errorsOf(consumeBody, { ...key, amount: 0, colour: "red" });

  t.deepEqual(errors.map(({ field }) => field).toSorted(), ["amount", "colour"]);
});
