#!/usr/bin/env node
import { defaultLimits, sameForAll } from "../shards/limits/default.ts";
import { PolicyBook } from "../shards/limits/policy-book.ts";
import { TableMemory } from "../shards/limits/table-memory.ts";
import { Node } from "../shards/node.ts";
import { banner } from "./banner.ts";
import { createPolicyService } from "./clients/policy-service.ts";
import { type Config, ConfigError, configFromProcess } from "./config.ts";
import { currenciesWith } from "./domain/currency.ts";
import { createApp } from "./edge/app.ts";
import { createAsk } from "./edge/ask.ts";
import { healthOf } from "./edge/health.ts";
import { alertsActive } from "./edge/reads/alerts.ts";
import { localBus } from "./platform/bus.ts";
import { systemClock as clock } from "./platform/clock.ts";
import { onEnding } from "./platform/close.ts";
import type { Database } from "./platform/database.ts";
import { idSource } from "./platform/id.ts";
import { createLogger, type Logger } from "./platform/logger.ts";
import { createMetrics } from "./platform/metrics.ts";
import { applyMigrations } from "./platform/migrations.ts";
import { packageVersion } from "./platform/package.ts";
import { openPglite } from "./platform/pglite.ts";
import { openPostgres } from "./platform/postgres.ts";
import { openRedis } from "./platform/redis.ts";
import { policyShare } from "./platform/redis-policy.ts";
import { openTracing } from "./platform/tracing.ts";
import { type Claims, signToken } from "./platform/token.ts";

/** One statement's time, waiting included; a commit that takes longer has an unknown outcome. */
const statementTimeoutMs = 5_000;

/** Whose token the banner shows. */
const newcomer: Claims = {
  user_id: "newcomer",
  tenant_id: "",
  username: "newcomer",
  user_type: "admin",
  roles: [],
  permissions: [],
};
const daySeconds = 86_400;

/** Builds the process from its parts, starts it, and closes it in reverse. */
async function main(config: Config): Promise<void> {
  const isProduction = config.nodeEnv === "production";
  const log = createLogger({
    level: config.logLevel,
    pretty: !isProduction && process.stdout.isTTY,
  });
  if (config.jwtSecretIsDevelopment) {
    log.warn("JWT_SECRET is one that everybody can read: tokens are good for development only");
  }
  const version = packageVersion();
  const metrics = createMetrics();
  const newId = idSource(clock);
  const database = await openDatabase(config, log);
  const tracer = await openTracing({
    url: config.neighbours.tracesUrl,
    nodeName: config.nodeName,
    version,
    clock,
    log,
    onSpans: (result, spans) => {
      metrics.spansLeft(result, spans);
    },
  });
  const bus = localBus();
  const { policy, redis: redisAddress } = config.neighbours;
  const redis = redisAddress && openRedis({ ...redisAddress, log, clock });
  const defaults = defaultLimits(config.defaults, config.zone);
  const policyService =
    policy &&
    createPolicyService({
      url: () => policy.url,
      timeoutMs: () => policy.timeoutMs,
      clock,
      log,
      onResult: (result) => {
        metrics.policyFetched(result);
      },
    });
  const policyMemory = new TableMemory({ session: database.session("limits"), clock, log });
  const limits =
    policy && policyService
      ? new PolicyBook({
          service: policyService,
          share: redis && policyShare(redis),
          rules: {
            memory: policyMemory,
            clock,
            random: Math.random,
            defaults: () => defaults,
            failureMode: () => policy.failureMode,
            timeoutMs: () => policy.timeoutMs,
            keepMs: () => policy.keepMs,
          },
        })
      : sameForAll(() => defaults);
  const node = new Node({
    database,
    bus,
    clock,
    log,
    meter: metrics,
    tracer,
    limits,
    thresholds: () => config.alertThresholds,
    newId,
    nodeName: config.nodeName,
    alone: database.kind === "pglite",
    address: `${config.nodeName}:${config.http.port}`,
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
  metrics.readFrom({
    usageRates: () => node.topUse(config.metricsTopKeys),
    alertsActive: () => alertsActive(database.reads),
    checkpointLag: () => node.checkpointLag,
    actorsResident: () => node.actorsResident,
    shardsOwned: () => node.shardsOwned,
  });
  const { shardCount, requestTimeoutMs } = config;
  const app = createApp({
    ask: createAsk({ bus, clock, shardCount, requestTimeoutMs }),
    database,
    jwtSecret: config.jwtSecret,
    currencies: currenciesWith(config.extraCurrencies),
    clock,
    log,
    metrics,
    tracer,
    health: () => healthOf(node, database, clock),
    version,
    newId,
  });
  onEnding(async ({ signal, error }) => {
    if (error) log.fatal({ err: error }, "the process ends after an error that nobody caught");
    else log.info({ signal }, "closing: what was accepted is finished first");
    await app.close();
    await node.stop();
    await tracer?.close();
    await policyService?.close();
    await policyMemory.stop();
    redis?.close();
    await database.close();
    log.info("closed");
  });
  const listening = await app.listen({ host: config.http.host, port: config.http.port });
  await node.start();
  if (isProduction || !node.ready) return;
  const token = signToken(config.jwtSecret, newcomer, daySeconds);
  process.stdout.write(banner(listening, token, database.durability));
}

async function openDatabase({ database }: Config, log: Logger): Promise<Database> {
  if (database.kind === "embedded") {
    return openPglite({
      folder: database.folder,
      onProgress: (text) => {
        log.info(text);
      },
      onFatal: (fault) => {
        setImmediate(() => {
          throw fault;
        });
      },
    });
  }
  const { host, port, user, password, name, ssl } = database;
  return openPostgres({ host, port, user, password, database: name, ssl, statementTimeoutMs });
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
  await main(configFromProcess());
} catch (error) {
  process.stderr.write(`${reasonOf(error)}\n`);
  process.exit(1);
}
