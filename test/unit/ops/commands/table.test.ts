import test from "ava";

import { rangesText, secondsText, tableText } from "../../../../ops/commands/table.ts";

test("numbers that follow each other are written as one range", (t) => {
  t.is(rangesText([]), "");
  t.is(rangesText([4]), "4");
  t.is(rangesText([0, 1, 2, 3, 7, 9, 10]), "0-3, 7, 9-10");
});

test("a long cell goes on in its next line, and a row without one takes a single line", (t) => {
  const numbers = Array.from({ length: 60 }, (_, n) => String(n * 2)).join(", ");

  const lines = tableText(["Which"], [[numbers], ["1"]]).split("\n");

  t.is(lines.length, 2 + Math.ceil(numbers.length / 72) + 2);
  t.true(lines.every((line) => line.length <= 72 + 4));
  const written = lines.slice(2, -2).map((line) => line.slice(2, -2).trimEnd());
  t.is(written.join(" "), numbers);
});

test("short times are said to a tenth of a second", (t) => {
  t.is(secondsText(1_840), "1.8 s");
  t.is(secondsText(61_400), "61 s");
});
