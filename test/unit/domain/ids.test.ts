import test from "ava";
import { merchantIdOf, orderNoOf } from "../../../src/domain/ids.ts";
import { key } from "../../support/quota-builders.ts";

test("a merchant id is 1 to 64 letters, digits, _ and -", (t) => {
  for (const text of ["a", "M_1-x", "0b5e4c1a-7f5d-4a51-9d3b-3f3b8b0a9f10", "x".repeat(64)]) {
    t.truthy(merchantIdOf(text), text);
  }
  for (const text of ["", "x".repeat(65), "a b", "a.b", "a*", "a>", "é", "a\n", "\n"]) {
    t.is(merchantIdOf(text), undefined, text);
  }
});

test("an order_no is 1 to 64 visible ASCII characters", (t) => {
  for (const text of ["A", "!", "~", "A-1/2;'\"<>", "x".repeat(64)])
    t.truthy(orderNoOf(text), text);
  for (const text of ["", "x".repeat(65), "a b", "a\t", "a\n", "a\u007f", "单", "a\0"]) {
    t.is(orderNoOf(text), undefined, text);
  }
});

test("a key is told as merchant and currency, joined by a space", (t) => {
  t.is<string, string>(key("M-1", "EUR").text, "M-1 EUR");
});
