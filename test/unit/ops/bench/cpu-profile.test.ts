import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import test from "ava";

import { busiestFiles, framesOf } from "../../../../ops/bench/cpu-profile.ts";
import { flameOf } from "../../../../ops/bench/flame.ts";

const call = (functionName: string, url: string) => ({ functionName, url, lineNumber: 0 });
const own = "file:///project/dist/shards/inbox.js";

/** At 1,000 µs it starts, and each sample stands for the time until the next. */
const profile = {
  startTime: 1_000,
  nodes: [
    { id: 1, callFrame: call("(root)", ""), children: [2, 3, 4] },
    { id: 2, callFrame: call("turn", own), children: [5] },
    { id: 3, callFrame: call("(idle)", "") },
    { id: 4, callFrame: call("turn", own) },
    { id: 5, callFrame: call("send", "file:///project/node_modules/pg/lib/client.js") },
  ],
  samples: [2, 5, 3, 4, 2],
  timeDeltas: [0, 100, 200, 400, 800],
};

test("time at work is told by caller and by file, for the span that is asked for", (t) => {
  const folder = mkdtempSync(join(tmpdir(), "quota-profile-"));
  t.teardown(() => {
    rmSync(folder, { recursive: true });
  });
  const path = join(folder, "some.cpuprofile");
  writeFileSync(path, JSON.stringify(profile));

  const root = framesOf(path, { fromUs: 1_000, untilUs: 2_000 });
  const later = framesOf(path, { fromUs: 1_100, untilUs: 2_000 });

  t.is(root.totalUs, 100 + 200 + 800, "what is idle is no work");
  t.deepEqual(
    root.children.map(({ name, file, selfUs, totalUs }) => ({ name, file, selfUs, totalUs })),
    [{ name: "turn", file: "shards/inbox.ts", selfUs: 900, totalUs: 1_100 }],
  );
  t.deepEqual(busiestFiles(root), [
    ["shards/inbox.ts", 900],
    ["pg", 200],
  ]);
  t.is(later.totalUs, 200 + 800);
  t.regex(flameOf(root, "a < b"), /^<svg [^]*a &lt; b[^]*<title>send \(pg\): 18\.2 %<\/title>/);
});
