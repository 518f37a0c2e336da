import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import test from "ava";
import { type Static, type TSchema, Type } from "typebox";
import { Value } from "typebox/value";
import { parse } from "yaml";

import { packageFolder } from "../../src/platform/package.ts";
import { everySeries, labelsOf, misses } from "../support/metric-series.ts";
import { readPromql } from "../support/promql.ts";

const fromVariable = Type.Object({
  type: Type.Literal("prometheus"),
  uid: Type.Literal("${datasource}"),
});
const place = Type.Object({
  x: Type.Integer({ minimum: 0, maximum: 23 }),
  y: Type.Integer({ minimum: 0 }),
  w: Type.Integer({ minimum: 1, maximum: 24 }),
  h: Type.Integer({ minimum: 1 }),
});
const rowSchema = Type.Object({
  id: Type.Integer(),
  type: Type.Literal("row"),
  title: Type.String({ minLength: 1 }),
  gridPos: place,
});
const panelSchema = Type.Object({
  id: Type.Integer(),
  type: Type.Enum(["timeseries", "stat", "bargauge"]),
  title: Type.String({ minLength: 1 }),
  description: Type.String({ minLength: 5 }),
  gridPos: place,
  datasource: fromVariable,
  fieldConfig: Type.Object({ defaults: Type.Object({ unit: Type.String() }) }),
  targets: Type.Array(
    Type.Object({
      refId: Type.String(),
      datasource: fromVariable,
      expr: Type.String(),
      legendFormat: Type.String({ minLength: 1 }),
    }),
    { minItems: 1 },
  ),
});
const dashboardSchema = Type.Object({
  uid: Type.String({ pattern: "^[a-z-]{1,40}$" }),
  title: Type.String(),
  schemaVersion: Type.Integer(),
  panels: Type.Array(Type.Union([rowSchema, panelSchema])),
  templating: Type.Object({
    list: Type.Array(Type.Object({ name: Type.String(), type: Type.String() })),
  }),
});
const sourcesSchema = Type.Object({
  apiVersion: Type.Literal(1),
  datasources: Type.Array(Type.Object({ type: Type.Literal("prometheus"), url: Type.String() })),
});
const providersSchema = Type.Object({
  apiVersion: Type.Literal(1),
  providers: Type.Array(
    Type.Object({ type: Type.Literal("file"), options: Type.Object({ path: Type.String() }) }),
  ),
});

type Dashboard = Static<typeof dashboardSchema>;

const folder = join(packageFolder(), "ops/grafana");
const names = readdirSync(join(folder, "dashboards"));

function dashboard(name: string): Dashboard {
  const text = readFileSync(join(folder, "dashboards", name), "utf8");
  return Value.Parse(dashboardSchema, JSON.parse(text));
}

function panelsOf({ panels }: Dashboard) {
  return panels.flatMap((panel) => (panel.type === "row" ? [] : [panel]));
}

function provisioning<Schema extends TSchema>(file: string, schema: Schema): Static<Schema> {
  return Value.Parse(schema, parse(readFileSync(join(folder, "provisioning", file), "utf8")));
}

test("there is a dashboard of the business and one of the engine", (t) => {
  t.deepEqual(names, ["business.json", "engine.json"]);
  t.is(new Set(names.map((name) => dashboard(name).uid)).size, names.length);
});

for (const name of names) {
  test(`each panel asks for metrics that there are, with labels that they have: ${name}`, async (t) => {
    const shown = await everySeries();

    for (const { title, targets } of panelsOf(dashboard(name))) {
      for (const { expr, legendFormat } of targets) {
        const { selectors, groupings, functions } = readPromql(expr);
        const labels = new Set(selectors.flatMap((selector) => labelsOf(selector, shown)));
        const legend = [...legendFormat.matchAll(/\{\{(\w+)\}\}/g)].map(([, label = ""]) => label);
        const isSummed = /\b(sum|max|count)\b/.test(expr);

        t.true(selectors.length > 0, title);
        t.deepEqual(
          selectors.map((selector) => misses(selector, shown)).filter(Boolean),
          [],
          title,
        );
        t.deepEqual(
          groupings.filter((label) => !labels.has(label)),
          [],
          title,
        );
        t.deepEqual(
          legend.filter((label) => !(isSummed ? groupings : [...labels]).includes(label)),
          [],
          title,
        );
        if (functions.includes("histogram_quantile")) {
          t.true(
            selectors.every(({ metric }) => metric.endsWith("_bucket")),
            title,
          );
          t.true(groupings.includes("le"), title);
        }
      }
    }
  });

  test(`each panel asks the source and the job that the reader chose: ${name}`, (t) => {
    const board = dashboard(name);
    const variables = new Map(board.templating.list.map((each) => [each.name, each.type]));

    t.is(variables.get("datasource"), "datasource");
    for (const { title, targets } of panelsOf(board)) {
      for (const { expr } of targets) {
        for (const { matchers } of readPromql(expr).selectors) {
          t.true(
            matchers.some(({ label, value }) => label === "job" && value === "$job"),
            title,
          );
        }
        const used = [...expr.matchAll(/\$(\w+)/g)].map(([, variable = ""]) => variable);
        const known = (variable: string): boolean =>
          variable === "__rate_interval" || variables.has(variable);
        t.true(used.every(known), title);
      }
    }
  });

  test(`panels have ids of their own and do not cover each other: ${name}`, (t) => {
    const { panels } = dashboard(name);
    const taken = new Map<string, string>();

    t.is(new Set(panels.map(({ id }) => id)).size, panels.length);
    for (const {
      title,
      gridPos: { x, y, w, h },
    } of panels) {
      t.true(x + w <= 24, title);
      for (let cell = 0; cell < w * h; cell += 1) {
        const at = `${x + (cell % w)} ${y + Math.floor(cell / w)}`;
        t.is(taken.get(at), undefined, `${title} lies on another`);
        taken.set(at, title);
      }
    }
  });
}

test("Grafana finds the source and the dashboards by itself", (t) => {
  const { datasources } = provisioning("datasources/prometheus.yml", sourcesSchema);
  const { providers } = provisioning("dashboards/quota.yml", providersSchema);

  t.is(datasources.length, 1);
  t.is(providers.length, 1);
});
