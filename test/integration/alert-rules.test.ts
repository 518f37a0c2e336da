import { readFileSync } from "node:fs";
import { join } from "node:path";

import test from "ava";
import { type Static, type TSchema, Type } from "typebox";
import { Value } from "typebox/value";
import { parse } from "yaml";

import { packageFolder } from "../../src/platform/package.ts";
import { everySeries, labelsOf, misses } from "../support/metric-series.ts";
import { readPromql } from "../support/promql.ts";
import { readSources } from "../support/tidy-source.ts";

const closed = { additionalProperties: false };
const words = Type.String({ minLength: 20 });
const ruleSchema = Type.Object(
  {
    alert: Type.String({ pattern: "^Quota[A-Za-z]+$" }),
    expr: Type.String(),
    for: Type.String({ pattern: "^[1-9][0-9]*[smh]$" }),
    labels: Type.Object({ severity: Type.Enum(["critical", "warning"]) }, closed),
    annotations: Type.Object(
      { summary: Type.String({ minLength: 10 }), description: words, action: words },
      closed,
    ),
  },
  closed,
);
const rulesSchema = Type.Object(
  {
    groups: Type.Array(
      Type.Object({ name: Type.String(), rules: Type.Array(ruleSchema, { minItems: 1 }) }, closed),
    ),
  },
  closed,
);
const prometheusSchema = Type.Object({
  rule_files: Type.Array(Type.String()),
  scrape_configs: Type.Array(Type.Object({ job_name: Type.String(), metrics_path: Type.String() })),
});

function read<Schema extends TSchema>(file: string, schema: Schema): Static<Schema> {
  const text = readFileSync(join(packageFolder(), "ops/prometheus", file), "utf8");
  return Value.Parse(schema, parse(text));
}

function rules() {
  return read("alerts.yml", rulesSchema).groups.flatMap(({ rules: some }) => some);
}

test("each rule says whom it wakes, after how long, and what to do", (t) => {
  const names = rules().map(({ alert }) => alert);

  t.true(names.length >= 15);
  t.deepEqual(names, [...new Set(names)]);
});

test("each rule asks for metrics that there are, with labels that they have", async (t) => {
  const shown = await everySeries();

  for (const { alert, expr } of rules()) {
    const { selectors, groupings } = readPromql(expr);
    t.true(selectors.length > 0, alert);
    const labels = new Set(selectors.flatMap((selector) => labelsOf(selector, shown)));
    const wrong = selectors.map((selector) => misses(selector, shown)).filter(Boolean);

    t.deepEqual(wrong, [], alert);
    t.deepEqual(
      groupings.filter((label) => !labels.has(label)),
      [],
      alert,
    );
  }
});

test("quantiles are of buckets, by their bounds", (t) => {
  const quantiles = rules()
    .map(({ alert, expr }) => ({ alert, ...readPromql(expr) }))
    .filter(({ functions }) => functions.includes("histogram_quantile"));

  t.true(quantiles.length > 0);
  for (const { alert, selectors, groupings } of quantiles) {
    t.true(
      selectors.every(({ metric }) => metric.endsWith("_bucket")),
      alert,
    );
    t.true(groupings.includes("le"), alert);
  }
});

test("the words of a rule name labels that its alerts have", (t) => {
  for (const { alert, expr, annotations } of rules()) {
    const { groupings } = readPromql(expr);
    const isSummed = /\b(sum|max|count|absent)\b/.test(expr);
    const known = isSummed ? groupings : ["instance", "job"];
    const named = [
      ...Object.values(annotations)
        .join(" ")
        .matchAll(/\$labels\.(\w+)/g),
    ];

    t.deepEqual(
      named.map(([, label = ""]) => label).filter((label) => !known.includes(label)),
      [],
      alert,
    );
  }
});

test("Prometheus reads the rules, under the job's name that they ask for", (t) => {
  const { rule_files: files, scrape_configs: targets } = read("prometheus.yml", prometheusSchema);
  const jobs = rules().flatMap(({ expr }) =>
    readPromql(expr)
      .selectors.flatMap(({ matchers }) => matchers)
      .filter(({ label }) => label === "job"),
  );

  t.deepEqual(files, ["alerts.yml"]);
  t.deepEqual(targets, [{ ...targets[0], job_name: "merchant-quota", metrics_path: "/metrics" }]);
  t.true(jobs.length > 0);
  t.true(jobs.every(({ operator, value }) => operator === "=" && value === "merchant-quota"));
});

test("metrics that other services have as well are asked of this one", (t) => {
  for (const { alert, expr } of rules()) {
    for (const { metric, matchers } of readPromql(expr).selectors) {
      if (metric.startsWith("quota_")) continue;
      t.true(
        matchers.some(({ label }) => label === "job"),
        `${alert}: ${metric}`,
      );
    }
  }
});

test("the lines of the log that a rule speaks of are written somewhere", (t) => {
  const program = readSources(packageFolder(), ["src", "shards"]).map(({ text }) => text);
  const quoted = rules().flatMap(({ annotations }) =>
    [...annotations.action.matchAll(/"([^"]+)"/g)].map(([, line = ""]) => line),
  );

  t.true(quoted.length > 0);
  t.deepEqual(
    quoted.filter((line) => !program.some((text) => text.includes(line))),
    [],
  );
});

test("a rule that asks for what is not there is found out", async (t) => {
  const shown = await everySeries();
  const wrongOf = (expr: string): unknown =>
    readPromql(expr)
      .selectors.map((selector) => misses(selector, shown))
      .filter(Boolean);

  t.deepEqual(wrongOf("rate(quota_operation_total[5m])"), [
    "quota_operation_total is not a metric",
  ]);
  t.deepEqual(wrongOf('rate(quota_operations_total{code="X"}[5m])'), [
    "quota_operations_total has no label code",
  ]);
  t.deepEqual(wrongOf('rate(quota_operations_total{outcome=~"OVERLOAD"}[5m])'), [
    "quota_operations_total has never these labels",
  ]);
  t.deepEqual(wrongOf("quota_operations_total > 0"), [
    "quota_operations_total only ever grows: take a rate",
  ]);
  for (const broken of ["sum(rate(up[5m])", "sum(up))", "rats(up)", "up{job}", "up[", "sum"]) {
    t.throws(() => readPromql(broken), undefined, broken);
  }
});
