import test from "ava";
import { Compile } from "typebox/compile";

import { testApp } from "../../../support/edge-app.ts";

interface Media {
  readonly schema: object;
  readonly examples?: Record<string, { readonly value: unknown }>;
  readonly example?: unknown;
}
interface Operation {
  readonly summary?: string;
  readonly requestBody?: { readonly content: Record<string, Media> };
  readonly parameters?: {
    readonly name: string;
    readonly required?: boolean;
    readonly schema: object;
    readonly example?: unknown;
    readonly examples?: object;
  }[];
}
interface Document {
  readonly openapi: string;
  readonly paths: Record<string, Record<string, Operation>>;
}

const calls = [
  "post /api/v1/quotas/check",
  "post /api/v1/quotas/consume",
  "post /api/v1/quotas/release",
  "post /api/v1/quotas/reserve",
  "post /api/v1/quotas/confirm",
  "post /api/v1/quotas/cancel",
  "post /api/v1/quotas/settle",
  "post /api/v1/quotas/batch",
  "post /api/v1/cluster/change",
  "post /api/v1/cluster/plan",
  "post /api/v1/quotas/adjust",
  "post /api/v1/quotas/reset",
  "post /api/v1/quotas/suspend",
  "post /api/v1/quotas/refresh-limits",
  "post /api/v1/quotas/resume",
  "get /api/v1/quotas/merchant/{merchant_id}",
  "get /api/v1/quotas/merchant/{merchant_id}/currency/{currency}",
  "get /api/v1/quotas/merchant/{merchant_id}/currency/{currency}/curve",
  "get /api/v1/quotas/stats",
  "get /api/v1/usage-logs/merchant/{merchant_id}",
  "get /api/v1/usage-logs/order/{order_no}",
  "get /api/v1/usage-logs/stats",
  "get /api/v1/alerts/merchant/{merchant_id}",
  "get /api/v1/alerts/unresolved",
  "post /api/v1/alerts/{id}/resolve",
  "get /api/v1/alerts/{id}/deliveries",
  "post /api/v1/alerts/{id}/resend",
  "get /api/v1/cluster",
  "get /api/v1/session",
  "get /api/v1/live",
  "get /health",
  "get /health/live",
  "get /health/ready",
  "get /metrics",
];

async function published(): Promise<Document> {
  const { app } = testApp();
  const reply = await app.inject("/swagger/json");
  return reply.json();
}

test("the published document has every call, and no other", async (t) => {
  const { openapi, paths } = await published();

  const found = Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method} ${path}`),
  );

  t.is(openapi, "3.1.0");
  t.deepEqual(found.toSorted(), calls.toSorted());
});

test("every call has a summary, and an example of its body that is valid", async (t) => {
  const { paths } = await published();

  for (const [path, methods] of Object.entries(paths)) {
    for (const [method, { summary, requestBody }] of Object.entries(methods)) {
      t.truthy(summary, path);
      if (method !== "post") continue;
      const media = requestBody?.content["application/json"];
      const example = Object.values(media?.examples ?? {})[0]?.value ?? media?.example;
      t.truthy(example, `${path} has an example`);
      t.true(Compile(media?.schema ?? {}).Check(example), `${path}: ${JSON.stringify(example)}`);
    }
  }
});

test("every parameter of a path has an example", async (t) => {
  const { paths } = await published();

  for (const [path, methods] of Object.entries(paths)) {
    for (const { parameters = [] } of Object.values(methods)) {
      for (const { name, required, schema, example, examples } of parameters) {
        if (required !== true) continue;
        const has = example !== undefined || examples !== undefined || "examples" in schema;
        t.true(has, `${path} ${name}`);
      }
    }
  }
});

test("null is a union, as OpenAPI 3.1 spells it", async (t) => {
  const text = JSON.stringify(await published());

  t.false(text.includes('"nullable"'));
  t.true(text.includes('"type":["integer","null"]'));
});

test("Swagger UI is served from this origin alone", async (t) => {
  const { app } = testApp();

  const redirect = await app.inject("/swagger/index.html");
  const page = await app.inject(String(redirect.headers.location));
  const sources = [...page.payload.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, url]) => url ?? "");

  t.is(redirect.statusCode, 302);
  t.is(page.statusCode, 200);
  t.regex(String(page.headers["content-security-policy"]), /default-src 'none';script-src 'self'/);
  t.true(sources.length > 3);
  for (const source of sources) {
    t.false(/^(https?:)?\/\//.test(source), source);
    const asset = await app.inject(new URL(source, "http://localhost/swagger/").pathname);
    t.is(asset.statusCode, 200, source);
  }
});
