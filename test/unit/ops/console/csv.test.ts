import test from "ava";

import { csvOf } from "../../../../ops/console/csv.ts";

test("a file for spreadsheets quotes what needs it, and is known as UTF-8", (t) => {
  t.is(
    csvOf([
      ["a", 'say "x", y', null],
      ["额度", true, 7],
    ]),
    '\ufeffa,"say ""x"", y",\r\n额度,true,7\r\n',
  );
});

test("what a merchant wrote is no formula in an operator's spreadsheet", (t) => {
  t.is(
    csvOf([["=1+1", "@sum(a1)", "-2+3", "-12.50", "\u221212.50"]]),
    "\ufeff'=1+1,'@sum(a1),'-2+3,-12.50,-12.50\r\n",
  );
});
