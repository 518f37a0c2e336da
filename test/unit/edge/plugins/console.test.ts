import test from "ava";

import { testApp } from "../../../support/edge-app.ts";

const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join(";");

test("the console is served from this origin alone, without inline code", async (t) => {
  const { app } = testApp();

  const redirect = await app.inject("/console");
  const page = await app.inject(String(redirect.headers.location));

  t.is(redirect.statusCode, 302);
  t.is(page.statusCode, 200);
  t.is(page.headers["content-security-policy"], policy);
  t.is(page.headers["cache-control"], "no-cache");
  t.notRegex(page.payload, /<style|style=|<script(?![^>]* src=)| on[a-z]+=/);
  const sources = [...page.payload.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, url]) => url ?? "");
  t.true(sources.length >= 3);
  for (const source of sources) {
    t.regex(source, /^\/console\/assets\//);
    const file = await app.inject(source);
    t.is(file.statusCode, 200, source);
    t.is(file.headers["cache-control"], "public, max-age=31536000, immutable");
    t.notRegex(file.payload.replaceAll("http://www.w3.org/", ""), /https?:\/\/(?!localhost)/);
  }
});

test("nothing beside the console's own files is served", async (t) => {
  const { app } = testApp();

  for (const path of ["/console/../package.json", "/console/%2e%2e/src/main.js", "/console/none"]) {
    const reply = await app.inject(path);
    t.true(reply.statusCode >= 400 && reply.statusCode < 500, path);
  }
});
