import test from "ava";

import { Client, currency } from "../support/load-clients.ts";
import { dataFolder, runService, startService, tokenOf } from "../support/service-process.ts";

test.serial(
  "a second process on a data folder stops with a clear message, and the first goes on",
  async (t) => {
    const folder = dataFolder(t);
    const first = await startService(t, { DATA_DIR: folder });

    const second = await runService(t, { DATA_DIR: folder, NODE_NAME: "another" });

    t.is(second.code, 1);
    t.is(second.output.trim().split("\n").length, 1, second.output);
    t.regex(second.output, /data folder .* is in use by process \d+/);
    t.true(second.output.includes(folder) && second.output.includes(String(first.pid)));
    const order = { merchant_id: "m", currency, order_no: "O-1", amount: 5 };
    const answer = await new Client(first.url, tokenOf()).quota("consume", order);
    t.like(answer, { status: 200, body: { daily_used: 5 } });
  },
);

test.serial(
  "production with nothing set stops and names every missing setting at once",
  async (t) => {
    const { code, output } = await runService(t, { NODE_ENV: "production", JWT_SECRET: "" });

    t.is(code, 1);
    for (const name of ["JWT_SECRET is not set", "DB_HOST is not set", "ALLOW_EMBEDDED"]) {
      t.true(output.includes(name), output);
    }
    t.notRegex(output, /\n\s+at /, "an operator needs no stack");
  },
);

test.serial(
  "production names a missing password of its Postgres together with the rest",
  async (t) => {
    const settings = { NODE_ENV: "production", JWT_SECRET: "", DB_HOST: "db", PORT: "none" };
    const { code, output } = await runService(t, settings);

    t.is(code, 1);
    for (const name of ["JWT_SECRET", "DB_PASSWORD", "PORT"]) t.true(output.includes(name), output);
  },
);

for (const [kind, secret] of [
  ["a short", "only-31-characters-are-too-few."],
  ["the published", "payment-platform-secret-key-2024"],
  ["the development", "development-only-secret-that-production-refuses"],
] as const) {
  test.serial(`production refuses ${kind} secret and does not print it`, async (t) => {
    const settings = { NODE_ENV: "production", ALLOW_EMBEDDED: "true", JWT_SECRET: secret };
    const { code, output } = await runService(t, { ...settings, DATA_DIR: dataFolder(t) });

    t.is(code, 1);
    t.regex(output, /JWT_SECRET/);
    t.false(output.includes(secret));
  });
}
