#!/usr/bin/env node
import { hostname } from "node:os";

import { createJobs } from "../shards/jobs/jobs.ts";
import { defaultLimits, sameForAll } from "../shards/limits/default.ts";
import { PolicyBook } from "../shards/limits/policy-book.ts";
import { TableMemory } from "../shards/limits/table-memory.ts";
import { Node } from "../shards/node.ts";
import { Outbox } from "../shards/outbox/outbox.ts";
import { alertTargets } from "../shards/outbox/targets.ts";
import { endUsageFeed, UsageFeed } from "../shards/outbox/usage-feed.ts";
import { banner } from "./banner.ts";
import { createConfigService } from "./clients/config-service.ts";
import { createPolicyService } from "./clients/policy-service.ts";
import { createPost } from "./clients/post.ts";
import { type Config, ConfigError, processEnvironment } from "./config.ts";
import { currenciesWith } from "./domain/currency.ts";
import { createApp } from "./edge/app.ts";
import { createAsk } from "./edge/ask.ts";
import { healthOf } from "./edge/health.ts";
import { alertsActive } from "./edge/reads/alerts.ts";
import { configServiceOf, LiveSettings } from "./live-setting.ts";
import { localBus } from "./platform/bus.ts";
import { systemClock as clock } from "./platform/clock.ts";
import { onEnding } from "./platform/close.ts";
import { openConfigured } from "./platform/configured-database.ts";
import type { Database } from "./platform/database.ts";
import { idSource } from "./platform/id.ts";
import { postgresLock } from "./platform/lock-postgres.ts";
import { redisLock } from "./platform/lock-redis.ts";
import { createLogger, type Logger } from "./platform/logger.ts";
import { createMetrics } from "./platform/metrics.ts";
import { applyMigrations } from "./platform/migrations.ts";
import { Nats } from "./platform/nats.ts";
import { packageVersion } from "./platform/package.ts";
import { openRedis } from "./platform/redis.ts";
import { policyShare } from "./platform/redis-policy.ts";
import { snapshotShare } from "./platform/redis-snapshot.ts";
import { dateTimer } from "./platform/timer.ts";
import { newcomerToken } from "./platform/token.ts";
import { openTracing } from "./platform/tracing.ts";
import { limitsChangedFrom } from "./wire/limits-changed.ts";
import { limitsChangedSubject } from "./wire/subject.ts";

/** One statement's time, waiting included; a commit that takes longer has an unknown outcome. */
const statementTimeoutMs = 5_000;

/** Builds the process from its parts, starts it, and closes it in reverse. */
async function main(environment: NodeJS.ProcessEnv, machineName: string): Promise<void> {
  const log = loggerFor(environment);
  const configAddress = configServiceOf(environment);
  const configService = configAddress && createConfigService({ ...configAddress, clock });
  const source = configService;
  const live = await LiveSettings.open({ environment, machineName, source, clock, log });
  const config = live.current();
  log.level = config.logLevel;
  live.onChange(({ logLevel }) => {
    log.level = logLevel;
  });
  if (config.jwtSecretIsDevelopment) {
    log.warn("JWT_SECRET is one that everybody can read: tokens are good for development only");
  }
  const { neighbours, nodeName } = config;
  const policy = live.derived(({ neighbours }) => neighbours.policy);
  const thresholds = live.derived(({ alertThresholds }) => alertThresholds);
  const defaults = live.derived((now) => defaultLimits(now.defaults, now.zone));

  const version = packageVersion();
  const metrics = createMetrics();
  const newId = idSource(clock);
  const database = await openDatabase(config, log);
  const redis = neighbours.redis && openRedis({ ...neighbours.redis, log, clock });
  const snapshots = redis && snapshotShare(redis);
  const nats = neighbours.nats && new Nats({ ...neighbours.nats, name: nodeName, clock, log });
  const tracer = await openTracing({
    url: neighbours.tracesUrl,
    nodeName,
    version,
    clock,
    log,
    onSpans: (result, spans) => {
      metrics.spansLeft(result, spans);
    },
  });

  const policyService = createPolicyService({
    url: () => policy().url,
    timeoutMs: () => policy().timeoutMs,
    clock,
    log,
    onResult: (result) => {
      metrics.policyFetched(result);
    },
  });
  const policyMemory = new TableMemory({ session: database.session("limits"), clock, log });
  const policies = new PolicyBook({
    service: policyService,
    share: redis && policyShare(redis),
    rules: {
      memory: policyMemory,
      clock,
      random: Math.random,
      defaults,
      failureMode: () => policy().failureMode,
      timeoutMs: () => policy().timeoutMs,
      keepMs: () => policy().keepMs,
    },
  });

  const bus = localBus();
  const node = new Node({
    database,
    bus,
    clock,
    log,
    meter: metrics,
    tracer,
    // The config service may name a policy service at any time.
    limits: configService || policy().url !== null ? policies : sameForAll(defaults),
    thresholds,
    snapshots,
    newId,
    nodeName,
    alone: database.kind === "pglite",
    address: `${nodeName}:${config.http.port}`,
    version,
    shardCount: config.shardCount,
    leaseMs: config.leaseMs,
    waitingMax: config.waitingCommandsMax,
    actorsMax: config.actorsMax,
    prepare: async () => {
      for (const migration of await applyMigrations(database)) {
        log.info({ migration }, "migration applied");
      }
    },
  });
  nats?.listen(limitsChangedSubject, (text) => {
    const changed = limitsChangedFrom(text);
    if (changed) node.limitsChanged(changed.merchantId, changed.currency);
    else log.warn({ subject: limitsChangedSubject }, "an announcement that cannot be read");
  });

  const post = createPost(clock);
  const outbox = new Outbox({
    session: database.session("outbox"),
    clock,
    log,
    targets: alertTargets({ ...neighbours, nats, post, clock }),
    onDelivery: (channel, result) => {
      metrics.delivered(channel, result);
    },
    random: Math.random,
  });
  const usageFeed =
    nats && neighbours.usageEvents
      ? new UsageFeed({ session: database.session("outbox"), clock, log, nats })
      : null;
  const postgresLocks = postgresLock(database.session("jobs"));
  const jobs = createJobs({
    database,
    clock,
    timer: dateTimer(clock),
    lock: redis ? redisLock(redis.client, postgresLocks) : postgresLocks,
    log,
    onJob: (job, result, seconds) => {
      metrics.jobRan(job, result, seconds);
    },
    defaultLimits: () => defaults().windows,
    thresholds,
    logRetentionMonths: config.logRetentionMonths,
  });

  metrics.readFrom({
    usageRates: () => node.topUse(config.metricsTopKeys),
    alertsActive: () => alertsActive(database.reads),
    checkpointLag: () => node.checkpointLag,
    actorsResident: () => node.actorsResident,
    shardsOwned: () => node.shardsOwned,
    ready: () => node.ready,
  });
  const app = createApp({
    ask: createAsk({ ...config, bus, clock }),
    database,
    jwtSecret: config.jwtSecret,
    currencies: currenciesWith(config.extraCurrencies),
    clock,
    log,
    metrics,
    tracer,
    snapshots,
    health: () =>
      healthOf(node, database, clock, [
        ...(redis ? [{ name: "redis", trouble: redis.trouble }] : []),
        ...(nats ? [{ name: "nats", trouble: nats.connected ? null : "not connected" }] : []),
      ]),
    version,
    newId,
  });

  onEnding(async ({ signal, error }) => {
    if (error) log.fatal({ err: error }, "the process ends after an error that nobody caught");
    else log.info({ signal }, "closing: what was accepted is finished first");
    live.close();
    await app.close();
    await Promise.all([jobs.stop(), outbox.stop(), usageFeed?.stop()]);
    await node.stop();
    await Promise.all([policyService.close(), configService?.close(), post.close()]);
    await policyMemory.stop();
    await Promise.all([nats?.close(), tracer?.close()]);
    redis?.close();
    await database.close();
    log.info("closed");
  });
  const listening = await app.listen({ host: config.http.host, port: config.http.port });
  await node.start();
  if (config.nodeEnv !== "production" && node.ready) {
    process.stdout.write(banner(listening, newcomerToken(config.jwtSecret), database.durability));
  }
  outbox.start();
  jobs.start();
  if (usageFeed) usageFeed.start();
  else await endUsageFeed(database.session("outbox"), log);
}

/** Its level is that of the settings once these are known. */
function loggerFor(environment: NodeJS.ProcessEnv): Logger {
  const pretty = environment["NODE_ENV"] !== "production" && process.stdout.isTTY;
  return createLogger({ level: "info", pretty });
}

function openDatabase({ database }: Config, log: Logger): Promise<Database> {
  return openConfigured(database, {
    statementTimeoutMs,
    onProgress: (text) => {
      log.info(text);
    },
    onFatal: (fault) => {
      setImmediate(() => {
        throw fault;
      });
    },
    replicaLog: log,
  });
}

/** Why it does not start, and what to do where that is known. */
function reasonOf(error: unknown): string {
  if (error instanceof ConfigError) return error.message;
  if (error instanceof Error && "code" in error && error.code === "EADDRINUSE") {
    return `${error.message}: stop what uses the port, or set PORT to another one`;
  }
  return String(error);
}

try {
  await main(processEnvironment(), hostname());
} catch (error) {
  process.stderr.write(`${reasonOf(error)}\n`);
  process.exit(1);
}
