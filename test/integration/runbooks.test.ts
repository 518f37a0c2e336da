import { readdirSync } from "node:fs";
import { join } from "node:path";

import { Type } from "typebox";

import { packageFolder } from "../../src/platform/package.ts";
import { manifest, textOf } from "../support/manifest.ts";
import { everySeries } from "../support/metric-series.ts";
import { rowsOf, storeContract } from "../support/store-contract.ts";
import { readSources } from "../support/tidy-source.ts";

const { test, contract } = storeContract();

const headings = [
  "What you see",
  "What the service does by itself",
  "What to do",
  "What not to do",
  "How to know that it is over",
];
const rulesSchema = Type.Object({
  groups: Type.Array(Type.Object({ rules: Type.Array(Type.Object({ alert: Type.String() })) })),
});

const folder = "ops/docs/runbooks";
const runbooks = readdirSync(join(packageFolder(), folder)).map((name) => ({
  name,
  text: textOf(join(folder, name)),
}));

/** What a runbook says within a pattern's first group. */
function said(text: string, pattern: RegExp): readonly string[] {
  return [...text.matchAll(pattern)].map(([, found = ""]) => found);
}

test("there is a runbook for each thing that an operator has to know how to do", (t) => {
  t.deepEqual(
    runbooks.map(({ name }) => name),
    [
      "alerts-not-delivered.md",
      "fenced-node.md",
      "hot-shard.md",
      "nats-upgrade.md",
      "node-lost.md",
      "policy-service-away.md",
      "postgres-failover.md",
      "rolling-deploy.md",
    ],
  );
  for (const { name, text } of runbooks) t.deepEqual(said(text, /^## (.+)$/gm), headings, name);
});

test("a runbook names alerts, metrics and lines of the log that there are", async (t) => {
  const { groups } = manifest("ops/prometheus/alerts.yml", rulesSchema);
  const alerts = groups.flatMap(({ rules }) => rules.map(({ alert }) => alert));
  const { types } = await everySeries();
  const metrics = [...types.keys()];
  const program = readSources(packageFolder(), ["src", "shards"]).map(({ text }) => text);

  for (const { name, text } of runbooks) {
    const lines = said(text, /`"([^"`]+?)(?:\.\.\.)?"`/g);
    t.true(lines.length > 0 || name === "hot-shard.md", name);
    t.deepEqual(
      lines.filter((line) => !program.some((source) => source.includes(`"${line}`))),
      [],
      name,
    );
    t.deepEqual(
      said(text, /\b(Quota[A-Z]\w+)/g).filter((alert) => !alerts.includes(alert)),
      [],
      name,
    );
    t.deepEqual(
      said(text.replaceAll(/```sql[^]*?```/g, ""), /`(?:[a-z]+\()*((?:quota|nodejs)_[a-z0-9_]+)/g)
        .filter((word) => !isTable(word))
        .filter(
          (word) => !metrics.some((metric) => metric.replace(/_(bucket|sum|count)$/, "") === word),
        ),
      [],
      name,
    );
  }
});

contract("the statements of the runbooks are true for the schema", async (t, database) => {
  for (const { name, text } of runbooks) {
    for (const statement of said(text, /```sql\n([^]*?);\n\s*```/g)) {
      await t.notThrowsAsync(rowsOf(database, statement), `${name}: ${statement}`);
    }
  }
});

/** Tables share the metrics' first word. */
function isTable(word: string): boolean {
  return /^quota_(limits|orders|alerts|usage_logs)(_live)?$/.test(word);
}
