import test from "ava";

import { ConfigError, loadConfig } from "../../src/config.ts";

test("without neighbours it runs alone", (t) => {
  t.deepEqual(loadConfig({}).neighbours, {
    policy: { url: null, failureMode: "last_known", timeoutMs: 500, keepMs: 60_000 },
    configService: null,
    redis: null,
    nats: null,
    notificationUrl: null,
    webhooks: null,
    usageEvents: false,
    tracesUrl: null,
  });
});

test("a neighbour that is named is a neighbour with its defaults", (t) => {
  const webhookSecret = `whsec_${Buffer.alloc(32, "a").toString("base64")}`;

  const { neighbours, logRetentionMonths } = loadConfig({
    POLICY_SERVICE_URL: "http://policy:40012",
    ENABLE_CONFIG_CLIENT: "true",
    CONFIG_SERVICE_URL: "http://config:40010",
    REDIS_HOST: "redis",
    NATS_URL: "nats://one:4222, nats://two:4222",
    ALERT_WEBHOOK_URLS: "https://a.example/hook, https://b.example/hook",
    ALERT_WEBHOOK_SECRET: webhookSecret,
    LOG_RETENTION_MONTHS: "24",
  });

  t.like(neighbours, {
    policy: {
      url: "http://policy:40012",
      failureMode: "last_known",
      timeoutMs: 500,
      keepMs: 60_000,
    },
    configService: { url: "http://config:40010", environment: "development" },
    redis: { host: "redis", port: 40379, password: null },
    nats: { servers: ["nats://one:4222", "nats://two:4222"] },
    webhooks: { urls: ["https://a.example/hook", "https://b.example/hook"], secret: webhookSecret },
  });
  t.is(logRetentionMonths, 24);
});

test("what a neighbour needs and nobody set is named", (t) => {
  const error = t.throws(
    () =>
      loadConfig({
        ENABLE_CONFIG_CLIENT: "true",
        ALERT_WEBHOOK_URLS: "https://a.example/hook",
        POLICY_SERVICE_URL: "policy",
        EVENTS_USAGE: "true",
      }),
    { instanceOf: ConfigError },
  );

  t.deepEqual(error.problems.map(({ setting }) => setting).sort(), [
    "ALERT_WEBHOOK_SECRET",
    "CONFIG_SERVICE_URL",
    "NATS_URL",
    "POLICY_SERVICE_URL",
  ]);
});
