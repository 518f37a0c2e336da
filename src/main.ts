#!/usr/bin/env node
import { hostname } from "node:os";

import { Operators } from "../shards/operators/operators.ts";
import { createOwner } from "../shards/owner.ts";
import { banner } from "./banner.ts";
import { createConfigService } from "./clients/config-service.ts";
import { type Config, ConfigError, processEnvironment } from "./config.ts";
import { currenciesWith } from "./domain/currency.ts";
import { createApp } from "./edge/app.ts";
import { createAsk } from "./edge/ask.ts";
import { edgeAlone, healthOf } from "./edge/health.ts";
import { Pulse } from "./edge/pulse.ts";
import { alertsActive } from "./edge/reads/alerts.ts";
import { configServiceOf, LiveSettings } from "./live-setting.ts";
import { localBus } from "./platform/bus.ts";
import { natsBus } from "./platform/bus-nats.ts";
import { systemClock as clock } from "./platform/clock.ts";
import { onEnding } from "./platform/close.ts";
import { openConfigured } from "./platform/configured-database.ts";
import type { Database } from "./platform/database.ts";
import { idSource } from "./platform/id.ts";
import { postgresLock } from "./platform/lock-postgres.ts";
import { createLogger, type Logger } from "./platform/logger.ts";
import { createMetrics } from "./platform/metrics.ts";
import { answerPlainAsks, plainAnswerer } from "./platform/nats-plain.ts";
import { packageVersion } from "./platform/package.ts";
import { snapshotShare } from "./platform/redis-snapshot.ts";
import { newcomerToken } from "./platform/token.ts";
import { openTracing } from "./platform/tracing.ts";
import { createAnswerPlain } from "./wire/plain-ask.ts";

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
  const { neighbours, nodeName, roles } = config;
  const currencies = currenciesWith(config.extraCurrencies);

  const version = packageVersion();
  const metrics = createMetrics();
  const newId = idSource(clock);
  const database = await openDatabase(config, log);
  // A library that nobody configured is not loaded: each makes a start a tenth of a second slower.
  const redis =
    neighbours.redis &&
    (await import("./platform/redis.ts")).openRedis({ ...neighbours.redis, log, clock });
  const snapshots = redis && snapshotShare(redis);
  const nats =
    neighbours.nats &&
    new (await import("./platform/nats.ts")).Nats({
      ...neighbours.nats,
      name: nodeName,
      clock,
      log,
    });
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

  const stopping = { asked: false };
  const answerPlain = createAnswerPlain({
    currencies,
    now: () => clock.now(),
    requestTimeoutMs: config.requestTimeoutMs,
    newId,
    onFault: (fault, requestId) => {
      if (fault.code === "INTERNAL") log.error({ requestId, err: fault }, "plain ask failed");
    },
  });
  const { shardCount } = config;
  const remote =
    nats && natsBus({ nats, clock, shardCount, stranger: plainAnswerer(nats, answerPlain) });
  const bus = remote ?? localBus();
  const pulse = new Pulse(clock);
  const ask = pulse.counting(
    createAsk({ ...config, bus, clock, random: Math.random, closing: () => stopping.asked }),
  );
  const postgresLocks = postgresLock(database.session("jobs"));
  const lock = redis
    ? (await import("./platform/lock-redis.ts")).redisLock(redis.client, postgresLocks)
    : postgresLocks;
  const owner = roles.shard
    ? createOwner({
        config,
        derived: (part) => live.derived(part),
        ...{ database, bus, clock, log, lock, metrics, newId, version },
        ...{ nats, redis, snapshots, tracer },
      })
    : null;
  const part = owner?.node ?? edgeAlone(nats);

  metrics.readFrom({
    alertsActive: () => alertsActive(database.reads),
    ready: () => part.ready,
    ...(nats && remote
      ? { nats: () => ({ connected: nats.connected, lost: nats.lost, waiting: remote.waiting }) }
      : {}),
  });
  const app = createApp({
    ask: roles.edge ? ask : null,
    database,
    jwtSecret: config.jwtSecret,
    requestTimeoutMs: config.requestTimeoutMs,
    rateLimitPerSecond: config.rateLimitPerSecond,
    currencies,
    clock,
    log,
    metrics,
    pulse,
    operators: new Operators({ database, clock, lock }),
    tracer,
    snapshots,
    health: () =>
      healthOf(part, database, clock, [
        ...(redis ? [{ name: "redis", trouble: redis.trouble }] : []),
        ...(nats ? [{ name: "nats", trouble: nats.connected ? null : "not connected" }] : []),
      ]),
    version,
    newId,
  });

  const stopPlain =
    nats && roles.edge
      ? answerPlainAsks(nats, answerPlain, ({ request, trace, deadline }) =>
          ask(request, trace, deadline),
        )
      : null;
  onEnding(async ({ signal, error }) => {
    if (error) log.fatal({ err: error }, "the process ends after an error that nobody caught");
    else log.info({ signal }, "closing: what was accepted is finished first");
    stopping.asked = true;
    live.close();
    stopPlain?.();
    await app.close();
    await owner?.stop();
    await configService?.close();
    await Promise.all([nats?.close(), tracer?.close()]);
    redis?.close();
    await database.close();
    log.info("closed");
  });
  const listening = await app.listen({ host: config.http.host, port: config.http.port });
  await owner?.start();
  if (config.nodeEnv !== "production" && part.ready && roles.edge) {
    process.stdout.write(banner(listening, newcomerToken(config.jwtSecret), database.durability));
  }
  await owner?.startWork();
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
