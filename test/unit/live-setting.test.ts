import test from "ava";

import { ConfigError } from "../../src/config.ts";
import { configServiceOf, LiveSettings } from "../../src/live-setting.ts";
import { fakeClock } from "../support/fake-clock.ts";
import { LogLines } from "../support/log-lines.ts";
import { Gate } from "../support/node-clock.ts";
import { Scene, sceneWith } from "../support/setting-scene.ts";

const refusal = "warn: value of the config service refused, the old one stays";
const change = "info: settings changed, as the config service says";
const atNextStart = "info: changed settings take effect at the next start";

test("the config service goes before the environment, and that before the default", async (t) => {
  const { live } = await sceneWith(
    { LOG_LEVEL: "warn", PORT: "8080", LEASE_MS: "3000" },
    { LOG_LEVEL: "debug", PORT: "9090" },
  );

  const { logLevel, http, leaseMs, shardCount } = live.current();

  t.deepEqual([logLevel, http.port, leaseMs, shardCount], ["debug", 9090, 3000, 256]);
});

test("without a config service the environment is all there is, and nobody is asked", async (t) => {
  const [clock, log] = [fakeClock(), new LogLines()];
  const environment = { LOG_LEVEL: "warn" };

  const live = await LiveSettings.open({
    environment,
    machineName: "box",
    source: null,
    clock,
    log,
  });

  t.is(live.current().logLevel, "warn");
  t.is(live.current().nodeName, "box");
  t.is(clock.timers, 0);
});

test("an environment that cannot be used stops the start, unless the service mends it", async (t) => {
  const environment = { NODE_ENV: "production", ALLOW_EMBEDDED: "true" };

  const error = await t.throwsAsync(new Scene(environment, "silence").open(), {
    instanceOf: ConfigError,
  });
  const { live } = await sceneWith(environment, { JWT_SECRET: "s".repeat(40) });

  t.deepEqual(
    error.problems.map(({ setting }) => setting),
    ["JWT_SECRET"],
  );
  t.is(live.current().jwtSecret, "s".repeat(40));
});

test("a service that is silent at the start leaves the environment, and is heard later", async (t) => {
  const { scene, live, told } = await sceneWith({ LOG_LEVEL: "warn" }, "silence");

  t.is(live.current().logLevel, "warn");
  await scene.says({ LOG_LEVEL: "debug" });

  t.is(live.current().logLevel, "debug");
  t.is(told.length, 1);
  t.deepEqual(scene.log.taken(), [
    "warn: config service does not answer, settings stay as they are",
    "info: config service answers again",
    change,
  ]);
});

test("a service that falls silent changes nothing, and is one line however long it is", async (t) => {
  const { scene, live, told } = await sceneWith({}, { LOG_LEVEL: "debug" });

  for (let round = 0; round < 5; round++) await scene.says("silence");

  t.is(live.current().logLevel, "debug");
  t.is(scene.questions, 6);
  t.is(told.length, 0);
  t.deepEqual(scene.log.taken(), [
    "warn: config service does not answer, settings stay as they are",
  ]);
});

test("live settings hold at once, and whoever listens hears of them", async (t) => {
  const { scene, live, told } = await sceneWith({}, {});

  await scene.says({
    LOG_LEVEL: "debug",
    DEFAULT_DAILY_LIMIT: "700",
    ALERT_THRESHOLDS: "50:warning",
    POLICY_SERVICE_URL: "http://policy:40012",
    POLICY_TIMEOUT_MS: "250",
    POLICY_FAILURE_MODE: "closed",
  });

  t.like(live.current(), {
    logLevel: "debug",
    defaults: { daily: 700n },
    alertThresholds: [{ percent: 50, level: "warning" }],
    neighbours: {
      policy: { url: "http://policy:40012", timeoutMs: 250, failureMode: "closed", keepMs: 60_000 },
    },
  });
  t.deepEqual(told, [live.current()]);
  t.deepEqual(scene.log.taken(), [change]);
});

test("what is made of settings is made once, and anew when they change", async (t) => {
  const { scene, live } = await sceneWith({}, {});
  let times = 0;
  const made = live.derived(({ defaults }) => {
    times += 1;
    return `at most ${String(defaults.daily)}`;
  });

  t.deepEqual([made(), made()], ["at most 5000000", "at most 5000000"]);
  await scene.says({ DEFAULT_DAILY_LIMIT: "700" });

  t.deepEqual([made(), made()], ["at most 700", "at most 700"]);
  t.is(times, 2);
});

test("the same answer again is no change", async (t) => {
  const { scene, live, told } = await sceneWith({}, {});
  const said = { LOG_LEVEL: "loud", POLICY_KEEP_MS: "5000", PORT: "9090" };
  await scene.says(said);
  const before = live.current();
  scene.log.taken();

  await scene.says({ ...said });

  t.is(live.current(), before);
  t.is(told.length, 1);
  t.deepEqual(scene.log.taken(), []);
});

test("a bad value is refused with a line, the old one stays, and the good one beside it is taken", async (t) => {
  const { scene, live } = await sceneWith({}, { LOG_LEVEL: "warn" });

  await scene.says({ LOG_LEVEL: "loud", DEFAULT_DAILY_LIMIT: "700" });

  t.is(live.current().logLevel, "warn");
  t.is(live.current().defaults.daily, 700n);
  t.like(scene.log.lines[0], { level: "warn", fields: { setting: "LOG_LEVEL" } });
  t.deepEqual(scene.log.taken(), [refusal, change]);
});

test("all else waits for the next start, and says so once for each value", async (t) => {
  const { scene, live, told } = await sceneWith({ PORT: "8080" }, { LEASE_MS: "3000" });

  await scene.says({ LEASE_MS: "4000", PORT: "9090" });
  await scene.says({ LEASE_MS: "4000", PORT: "9090", SHARD_COUNT: "64" });
  await scene.says({ LEASE_MS: "3000", PORT: "9090", SHARD_COUNT: "64" });

  t.is(live.current().leaseMs, 3000);
  t.is(live.current().http.port, 8080);
  t.is(told.length, 0);
  t.deepEqual(
    scene.log.lines.map(({ fields }) => fields),
    [{ settings: ["LEASE_MS", "PORT"] }, { settings: ["SHARD_COUNT"] }],
  );
  t.deepEqual(scene.log.taken(), [atNextStart, atNextStart]);
});

test("a value that the service takes back is the environment's again", async (t) => {
  const { scene, live } = await sceneWith({ LOG_LEVEL: "warn" }, { LOG_LEVEL: "debug" });

  await scene.says({});

  t.is(live.current().logLevel, "warn");
  t.deepEqual(scene.log.taken(), [change]);
});

test("a value that says what holds anyway changes nothing", async (t) => {
  const { scene, told } = await sceneWith({ LOG_LEVEL: "warn", PORT: "8080" }, {});

  await scene.says({ LOG_LEVEL: "warn", PORT: "8080" });

  t.is(told.length, 0);
  t.deepEqual(scene.log.taken(), []);
});

test("where what is left does not go together, everything stays as it was", async (t) => {
  const { scene, live } = await sceneWith(
    { DEFAULT_SINGLE_MAX: "100" },
    { DEFAULT_SINGLE_MIN: "500", DEFAULT_SINGLE_MAX: "1000" },
  );

  await scene.says({ DEFAULT_SINGLE_MIN: "500" });

  t.like(live.current().defaults, { singleMin: 500n, singleMax: 1000n });
  t.deepEqual(scene.log.taken(), ["warn: settings do not go together, all stay as they were"]);
});

test("no line of the log has a secret in it", async (t) => {
  const { scene, live } = await sceneWith({}, { JWT_SECRET: "first-secret" });

  await scene.says({
    JWT_SECRET: "second-secret",
    DB_PASSWORD: "third-secret",
    NATS_URL: "fourth-secret",
  });

  t.is(live.current().jwtSecret, "first-secret");
  t.notRegex(JSON.stringify(scene.log.lines), /-secret/);
  t.deepEqual(scene.log.taken(), [refusal, atNextStart]);
});

test("a key that is no setting is a line for whoever looks closely", async (t) => {
  const { scene } = await sceneWith({}, { FEE_RATE: "3" });

  t.deepEqual(scene.log.taken(), ["debug: unknown settings ignored"]);
});

test("closed settings ask nobody", async (t) => {
  const { scene, live } = await sceneWith({}, {});

  live.close();
  await scene.says({ LOG_LEVEL: "debug" });

  t.is(scene.questions, 1);
  t.is(scene.clock.timers, 0);
});

test("an answer to closed settings changes nothing", async (t) => {
  const { scene, live, told } = await sceneWith({}, {});
  const gate = new Gate();
  scene.answersAfter(gate.opened);
  await scene.says({ LOG_LEVEL: "debug" });

  live.close();
  gate.open();
  await scene.clock.advance(0);

  t.is(scene.questions, 2);
  t.is(told.length, 0);
  t.is(scene.clock.timers, 0);
});

test("where the config service is, the environment says, be the rest of it right or wrong", (t) => {
  const named = { ENABLE_CONFIG_CLIENT: "true", CONFIG_SERVICE_URL: "http://config:40010" };
  const environmentIn = (environment: NodeJS.ProcessEnv) =>
    configServiceOf(environment)?.environment;

  t.is(configServiceOf({ CONFIG_SERVICE_URL: "http://config:40010" }), null);
  t.deepEqual(configServiceOf({ ...named, PORT: "wrong", ENV: "staging" }), {
    url: "http://config:40010",
    environment: "staging",
  });
  t.is(environmentIn({ ...named, NODE_ENV: "production" }), "production");
  t.is(environmentIn({ ...named, NODE_ENV: "production", ENV: "" }), "production");
  t.is(environmentIn(named), "development");
  t.throws(() => configServiceOf({ ENABLE_CONFIG_CLIENT: "true" }), { instanceOf: ConfigError });
});
