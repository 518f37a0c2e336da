import test from "ava";

import { accept, type SettingTexts } from "../../src/setting-offer.ts";

const nothing: SettingTexts = new Map();

function offer(texts: Record<string, string | null>): ReadonlyMap<string, string | null> {
  return new Map(Object.entries(texts));
}

test("a bad value is refused with its reason, and the good ones of the same answer are taken", (t) => {
  const { texts, refused } = accept(
    {},
    nothing,
    offer({ LOG_LEVEL: "loud", DEFAULT_DAILY_LIMIT: "700", POLICY_KEEP_MS: "1" }),
  );

  t.deepEqual([...texts], [["DEFAULT_DAILY_LIMIT", "700"]]);
  t.deepEqual([...refused.keys()], ["LOG_LEVEL", "POLICY_KEEP_MS"]);
  t.regex(refused.get("LOG_LEVEL") ?? "", /^LOG_LEVEL is "loud"; it has to be: one of fatal, /);
});

test("in the place of a bad value the one before it stays", (t) => {
  const before = accept({}, nothing, offer({ LOG_LEVEL: "warn", PORT: "8080" })).texts;

  for (const bad of ["loud", null]) {
    const { texts } = accept({}, before, offer({ LOG_LEVEL: bad, PORT: "9090" }));

    t.deepEqual(Object.fromEntries(texts), { LOG_LEVEL: "warn", PORT: "9090" });
  }
});

test("a value that is not offered any more is the environment's again", (t) => {
  const before = accept({}, nothing, offer({ LOG_LEVEL: "warn", PORT: "8080" })).texts;

  t.deepEqual([...accept({}, before, offer({ PORT: "8080" })).texts], [["PORT", "8080"]]);
  t.deepEqual(
    [...accept({}, before, offer({ PORT: "8080", LOG_LEVEL: "" })).texts],
    [["PORT", "8080"]],
  );
});

test("values that go only together are taken together", (t) => {
  const before = { DEFAULT_SINGLE_MIN: "10", DEFAULT_SINGLE_MAX: "100" };
  const higher = { DEFAULT_SINGLE_MIN: "1000", DEFAULT_SINGLE_MAX: "5000" };

  const alone = accept(before, nothing, offer(higher));
  const besideABadOne = accept(before, nothing, offer({ ...higher, LOG_LEVEL: "loud" }));

  t.deepEqual(Object.fromEntries(alone.texts), higher);
  t.deepEqual(Object.fromEntries(besideABadOne.texts), higher);
  t.deepEqual([...besideABadOne.refused.keys()], ["LOG_LEVEL"]);
});

test("a value that does not go with the environment is refused, whichever of the two is blamed", (t) => {
  const environment = { DEFAULT_SINGLE_MIN: "50" };

  const { texts, refused } = accept(
    environment,
    nothing,
    offer({ DEFAULT_SINGLE_MAX: "49", PORT: "1" }),
  );

  t.deepEqual([...texts], [["PORT", "1"]]);
  t.regex(refused.get("DEFAULT_SINGLE_MAX") ?? "", /DEFAULT_SINGLE_MIN is over DEFAULT_SINGLE_MAX/);
});

test("an empty amount is no limit", (t) => {
  t.deepEqual(
    [...accept({}, nothing, offer({ DEFAULT_DAILY_LIMIT: "" })).texts],
    [["DEFAULT_DAILY_LIMIT", ""]],
  );
});

test("what the environment lacks may come from the service, beside a value that is refused", (t) => {
  const secret = "s".repeat(40);
  const environment = { NODE_ENV: "production", ALLOW_EMBEDDED: "true" };

  const { texts, refused } = accept(environment, nothing, offer({ JWT_SECRET: secret, PORT: "x" }));

  t.deepEqual([...texts], [["JWT_SECRET", secret]]);
  t.deepEqual([...refused.keys()], ["PORT"]);
});

test("no reason shows a secret", (t) => {
  const environment = { NODE_ENV: "production", DB_HOST: "db", DB_PASSWORD: "p" };
  const bad = {
    JWT_SECRET: "too-short",
    NATS_URL: "user:hidden@nats",
    ALERT_WEBHOOK_SECRET: "hidden",
  };

  const { refused } = accept(environment, nothing, offer(bad));

  t.deepEqual([...refused.keys()].sort(), Object.keys(bad).sort());
  t.notRegex([...refused.values()].join(), /too-short|hidden/);
});

test("what a process is and whom it asks is the environment's alone", (t) => {
  const { texts, refused } = accept(
    {},
    nothing,
    offer({ NODE_ENV: "production", NODE_NAME: "quota-1", CONFIG_SERVICE_URL: "http://other" }),
  );

  t.is(texts.size, 0);
  t.is(refused.get("NODE_NAME"), "NODE_NAME is read from the environment alone.");
  t.is(refused.size, 3);
});

test("a key that is no setting is set aside", (t) => {
  const { texts, unknown } = accept(
    {},
    nothing,
    offer({ FEE_RATE: "3", toString: "x", PORT: "1" }),
  );

  t.deepEqual(unknown, ["FEE_RATE", "toString"]);
  t.is(texts.size, 1);
});
