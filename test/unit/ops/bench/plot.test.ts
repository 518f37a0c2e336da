import test from "ava";

import { speedPlot, targetPlot } from "../../../../ops/bench/plot.ts";

const figure = { median: 2, least: 1, most: 4 };

test("a target that is met is drawn over the line, whichever way it is meant", (t) => {
  const svg = targetPlot(
    [
      { what: "speed", unit: "", digits: 1, figure, target: { is: "at least", bound: 1 } },
      { what: "p99", unit: "ms", digits: 1, figure, target: { is: "at most", bound: 1 } },
      { what: "no target", unit: "", digits: 1, figure, target: null },
    ],
    "Targets",
  );

  t.deepEqual(
    [...svg.matchAll(/<rect class="(\w+)"/g)].map(([, kind]) => kind),
    ["met", "missed"],
  );
  t.notRegex(svg, /NaN|undefined|no target/);
});

test("a case without rounds that differ has no spread", (t) => {
  const sample = {
    operations: 1,
    perSecond: 5,
    p50Ms: null,
    p99Ms: null,
    doubt: null,
    details: {},
  };
  const svg = speedPlot([{ name: "live", what: "a & b", samples: [sample] }], "Speed");

  t.regex(svg, /a &amp; b/);
  t.notRegex(svg, /class="spread"|NaN/);
});
