import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";

import test from "ava";

import { envExample, settingsBegin, settingsTable, withSettings } from "../../ops/settings.ts";
import { ConfigError, developmentSecret, loadConfig } from "../../src/config.ts";

const secret = "Zk3v-9aQm-71Lx-cc0P-wT5e-Rr8d-Uu2n";
const production = {
  NODE_ENV: "production",
  JWT_SECRET: secret,
  DB_HOST: "db",
  DB_PASSWORD: "sesame",
};

test("nothing configured is a development service on this machine alone", (t) => {
  const config = loadConfig({}, "laptop of Ann");

  t.like(config, {
    nodeEnv: "development",
    http: { host: "127.0.0.1", port: 40022 },
    database: { kind: "embedded", folder: "./data" },
    jwtSecret: developmentSecret,
    jwtSecretIsDevelopment: true,
    nodeName: "laptop-of-Ann",
    shardCount: 256,
    leaseMs: 2000,
    defaults: { singleMin: null, singleMax: 1_000_000n, daily: 5_000_000n, maxPending: null },
    requestTimeoutMs: 2000,
  });
  t.is(String(config.zone), "UTC");
  t.deepEqual(config.alertThresholds, [
    { percent: 80, level: "warning" },
    { percent: 100, level: "critical" },
  ]);
  t.true(
    Object.isFrozen(config) && Object.isFrozen(config.http) && Object.isFrozen(config.defaults),
  );
});

test("what the operator sets is what the service gets", (t) => {
  const config = loadConfig({
    ...production,
    DB_SSL: "true",
    PORT: "8080",
    QUOTA_TIMEZONE: "Asia/Shanghai",
    EXTRA_CURRENCIES: "USDT:6, POINT",
    DEFAULT_DAILY_LIMIT: "",
    DEFAULT_MONTHLY_LIMIT: "9007199254740991",
    DEFAULT_MAX_PENDING_AMOUNT: "0",
    DEFAULT_MAX_TRANSACTIONS_DAILY: "0",
    ALERT_THRESHOLDS: "50:warning,90:critical",
  });

  t.deepEqual(config.http, { host: "0.0.0.0", port: 8080 });
  t.deepEqual(config.database, {
    kind: "postgres",
    host: "db",
    port: 40432,
    user: "postgres",
    password: "sesame",
    name: "payment_merchant_quota",
    ssl: true,
    replicaHost: null,
  });
  t.false(config.jwtSecretIsDevelopment);
  t.deepEqual(
    [...config.extraCurrencies],
    [
      ["USDT", 6],
      ["POINT", 2],
    ],
  );
  t.like(config.defaults, {
    daily: null,
    monthly: 9_007_199_254_740_991n,
    maxPending: null,
    maxTransactionsDaily: 0n,
  });
  t.like(config.alertThresholds, { 0: { percent: 50 }, 1: { percent: 90 }, length: 2 });
});

test("others reach a node where it says, or where it listens, or by its name", (t) => {
  t.is(loadConfig({}).nodeHost, "127.0.0.1");
  t.is(loadConfig({ HOST: "10.0.0.7" }).nodeHost, "10.0.0.7");
  t.is(loadConfig({ HOST: "0.0.0.0", NODE_NAME: "shard-1" }).nodeHost, "shard-1");
  t.is(loadConfig({ HOST: "::", NODE_ADDRESS: "shard-1.shards" }).nodeHost, "shard-1.shards");
});

test("an empty setting is one that is not set", (t) => {
  t.like(loadConfig({ PORT: "", DB_HOST: "", NODE_NAME: "" }), {
    http: { port: 40022 },
    database: { kind: "embedded" },
    nodeName: "local",
  });
});

const refused: Readonly<Record<string, readonly string[]>> = {
  NODE_ENV: ["prod"],
  PORT: ["abc", "-1", "65536", "80.5"],
  HOST: ["a b"],
  LOG_LEVEL: ["loud"],
  DB_PORT: ["0"],
  DB_SSL: ["yes"],
  NODE_NAME: ["a/b"],
  NODE_ADDRESS: ["a/b"],
  SHARD_COUNT: ["0", "4097"],
  LEASE_MS: ["499"],
  REQUEST_TIMEOUT_MS: ["0"],
  QUOTA_TIMEZONE: ["Mars/Olympus", "+08:00"],
  EXTRA_CURRENCIES: ["usdt", "USDT:13", "USDT:", "USDT,USDT:6", "EUR:3"],
  DEFAULT_DAILY_LIMIT: ["-1", "1.5", "1e6", "9007199254740992"],
  DEFAULT_SINGLE_MIN: ["2000000"],
  ALERT_THRESHOLDS: [
    "80",
    "0:warning",
    "101:critical",
    "80:loud",
    "90:warning,80:critical",
    "8:warning,8:critical",
  ],
};

test("a wrong setting is named, shown, and told how to mend", (t) => {
  for (const [name, values] of Object.entries(refused)) {
    for (const value of values) {
      const error = t.throws(() => loadConfig({ [name]: value }), { instanceOf: ConfigError });

      t.is(error.problems.length, 1, `${name}=${value}`);
      t.like(error.problems[0], { setting: name }, `${name}=${value}`);
      t.regex(error.message, /(Correct it|Lower the one)/);
    }
  }
});

test("all problems are told at once", (t) => {
  const error = t.throws(
    () =>
      loadConfig({
        NODE_ENV: "production",
        PORT: "abc",
        SHARD_COUNT: "0",
        QUOTA_TIMEZONE: "Mars/Olympus",
        DEFAULT_YEARLY_LIMIT: "9999999999999999",
      }),
    { instanceOf: ConfigError },
  );

  t.deepEqual(error.problems.map(({ setting }) => setting).sort(), [
    "DB_HOST",
    "DB_PASSWORD",
    "DEFAULT_YEARLY_LIMIT",
    "JWT_SECRET",
    "PORT",
    "QUOTA_TIMEZONE",
    "SHARD_COUNT",
  ]);
});

test("production refuses a secret that is missing, short or published", (t) => {
  const secrets = [
    undefined,
    "x".repeat(31),
    "payment-platform-secret-key-2024",
    developmentSecret,
  ];
  for (const JWT_SECRET of secrets) {
    const error = t.throws(() => loadConfig({ ...production, JWT_SECRET }), {
      instanceOf: ConfigError,
    });

    t.like(error.problems, { 0: { setting: "JWT_SECRET" }, length: 1 });
  }
  t.notThrows(() => loadConfig({ ...production, JWT_SECRET: "x".repeat(32) }));
});

test("production refuses the embedded Postgres unless it is allowed, and a Postgres without password", (t) => {
  const embedded = { NODE_ENV: "production", JWT_SECRET: secret };

  t.throws(() => loadConfig(embedded), { message: /ALLOW_EMBEDDED=true/ });
  t.like(loadConfig({ ...embedded, ALLOW_EMBEDDED: "true" }), { database: { kind: "embedded" } });
  t.throws(() => loadConfig({ ...embedded, DB_HOST: "db" }), { message: /DB_PASSWORD is not set/ });
});

test("no message shows a secret", (t) => {
  const error = t.throws(
    () =>
      loadConfig({ ...production, JWT_SECRET: "hush-hush", DB_PASSWORD: "sesame", PORT: "abc" }),
    { instanceOf: ConfigError },
  );

  t.notRegex(JSON.stringify(error.problems) + error.message, /hush|sesame/);
});

test(".env.example is what `npm run docs` writes", (t) => {
  const written = readFileSync(join(projectFolder(), ".env.example"), "utf8");

  t.is(written, envExample(), "run `npm run docs`");
});

test("the README's settings are what `npm run docs` writes", (t) => {
  const readme = join(projectFolder(), "README.md");
  if (!existsSync(readme)) {
    t.pass("there is no README.md yet");
    return;
  }
  const written = readFileSync(readme, "utf8");

  t.true(written.includes(settingsBegin), `README.md has no ${settingsBegin}`);
  t.is(written, withSettings(written, settingsTable()), "run `npm run docs`");
});

test("the settings go between the markers and nowhere else", (t) => {
  const document = "# A\n\n<!-- settings -->\n\nold\n\n<!-- /settings -->\n\n## B\n";

  t.is(
    withSettings(document, "new"),
    "# A\n\n<!-- settings -->\n\nnew\n\n<!-- /settings -->\n\n## B\n",
  );
  t.is(withSettings("# A\n", "new"), "# A\n");
});

function projectFolder(): string {
  let folder = import.meta.dirname;
  while (!existsSync(join(folder, "package.json"))) folder = dirname(folder);
  return folder;
}
