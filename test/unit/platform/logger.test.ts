import test from "ava";

import { createLogger, type Logger } from "../../../src/platform/logger.ts";

function loggerInto(lines: string[]): Logger {
  return createLogger({
    level: "info",
    pretty: false,
    destination: { write: (line: string) => lines.push(line) },
  });
}

test("no secret reaches the log, wherever it stands", (t) => {
  const lines: string[] = [];
  const log = loggerInto(lines);

  log.info({ token: "hush", database: { password: "hush" } }, "opened");
  log.info({ req: { headers: { authorization: "Bearer hush", cookie: "hush" } } }, "asked");
  log.info({ config: { http: { secret: "hush" } }, jwtSecret: "hush", shard: 7 }, "started");
  log.debug("not written at this level");

  t.is(lines.length, 3);
  t.notRegex(lines.join(""), /hush/);
  t.regex(lines.join(""), /"shard":7/);
});

test("no setting that is a secret reaches the log, however deep it lies", (t) => {
  const lines: string[] = [];
  const log = loggerInto(lines);
  const settings = {
    JWT_SECRET: "hush",
    DB_PASSWORD: "hush",
    REDIS_PASSWORD: "hush",
    ALERT_WEBHOOK_SECRET: "hush",
    NATS_URL: "nats://quota:hush@nats-1:4222,nats://hush@nats-2:4222",
    SHARD_COUNT: 256,
  };

  log.info(settings, "settings");
  log.info({ neighbours: { webhooks: { urls: [], secret: "hush" } }, settings }, "settings");
  log.info({ a: { b: { c: { d: { redisPassword: 'hu"hush', dbHost: "pg-1" } } } } }, "settings");
  log.info({ headers: { "webhook-signature": "v1,hush", "webhook-id": "msg_1" } }, "delivered");

  const written = lines.join("");
  t.notRegex(written, /hush/);
  for (const kept of ["nats-1:4222", "nats-2:4222", '"SHARD_COUNT":256', "pg-1", "msg_1"]) {
    t.true(written.includes(kept), kept);
  }
});

test("no secret reaches the log in the words of an error", (t) => {
  const lines: string[] = [];
  const log = loggerInto(lines);
  const words = [
    "no answer of https://ann:hush@hooks.example/quota",
    "no answer of redis://:hush@redis-1:40379",
    "unexpected answer to authorization: Bearer hush.hush.hush",
    "cannot verify eyJhbGciOiJIUzI1NiJ9.eyJodXNoIjoiaHVzaCJ9.hush",
    "cannot sign with whsec_hushhushhushhushhushhushhushhush",
    `signed as v1,${"hush".repeat(10)}hus=`,
  ];

  for (const word of words) {
    log.error({ err: new Error("asked in vain", { cause: new Error(word) }) }, word);
  }

  t.is(lines.length, words.length);
  t.notRegex(lines.join(""), /hush/);
  t.regex(lines.join(""), /https:\/\/\[redacted\]@hooks\.example\/quota/);
});

test("a refused login at Redis does not print the password", (t) => {
  const lines: string[] = [];
  const refused = Object.assign(new Error("WRONGPASS invalid username-password pair"), {
    command: { name: "auth", args: ["hush"] },
  });

  loggerInto(lines).warn({ err: refused }, "Redis is away");

  t.regex(lines.join(""), /WRONGPASS/);
  t.notRegex(lines.join(""), /hush/);
});

test("of what the config service says, the value of a secret is not printed and others are", (t) => {
  const lines: string[] = [];
  const items = [
    { key: "JWT_SECRET", value: "hush" },
    { key: "REDIS_PASSWORD", value: "hush" },
    { key: "LOG_LEVEL", value: "loud" },
  ];

  loggerInto(lines).warn({ items }, "values of the config service that cannot be used");

  t.notRegex(lines.join(""), /hush/);
  t.regex(lines.join(""), /"value":"loud"/);
});

test("what the log is for stays as it is, and a line stays JSON", (t) => {
  const lines: string[] = [];
  const fields = {
    requestId: "R-1",
    traceId: "0af7651916cd43dd8448eb211c80319c",
    merchantId: "m@1",
    address: "http://127.0.0.1:40022/health?next=a@b",
    reason: "the token was refused",
    tokens: 3,
  };

  loggerInto(lines).info({ ...fields, password: 'a "quoted" \\ one' }, "a token: kept");

  const [line = ""] = lines;
  t.like(JSON.parse(line), { ...fields, password: "[redacted]", msg: "a token: kept" });
});
