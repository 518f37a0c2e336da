import type { Config } from "../src/config.ts";
import { createPolicyService } from "../src/clients/policy-service.ts";
import { createPost } from "../src/clients/post.ts";
import type { Bus } from "../src/platform/bus.ts";
import type { Clock } from "../src/platform/clock.ts";
import type { Database } from "../src/platform/database.ts";
import type { JobLock } from "../src/platform/lock.ts";
import type { Logger } from "../src/platform/logger.ts";
import type { Metrics } from "../src/platform/metrics.ts";
import { applyMigrations } from "../src/platform/migrations.ts";
import type { Nats } from "../src/platform/nats.ts";
import { natsReach } from "../src/platform/nats-reach.ts";
import type { RedisLine } from "../src/platform/redis.ts";
import { policyShare } from "../src/platform/redis-policy.ts";
import type { SnapshotShare } from "../src/platform/redis-snapshot.ts";
import { dateTimer } from "../src/platform/timer.ts";
import type { Tracer } from "../src/platform/tracer.ts";
import { limitsChangedFrom } from "../src/wire/limits-changed.ts";
import { limitsChangedSubject } from "../src/wire/subject.ts";
import { Door } from "./door.ts";
import { createJobs } from "./jobs/jobs.ts";
import { defaultLimits, sameForAll } from "./limits/default.ts";
import { PolicyBook } from "./limits/policy-book.ts";
import { TableMemory } from "./limits/table-memory.ts";
import { Node } from "./node.ts";
import { Outbox } from "./outbox/outbox.ts";
import { alertTargets } from "./outbox/targets.ts";
import { endUsageFeed, UsageFeed } from "./outbox/usage-feed.ts";
import { localAnnouncer, natsAnnouncer } from "./ownership/announcer.ts";

export interface OwnerOptions {
  readonly config: Config;
  /** A part of the settings, as it is now. */
  readonly derived: <T>(part: (config: Config) => T) => () => T;
  readonly database: Database;
  readonly bus: Bus;
  readonly clock: Clock;
  readonly log: Logger;
  /** Keeps a job from being run by two at once. */
  readonly lock: JobLock;
  readonly metrics: Metrics;
  readonly newId: () => string;
  readonly version: string;
  /** null = not configured, as in the rest. */
  readonly nats: Nats | null;
  readonly redis: RedisLine | null;
  readonly snapshots: SnapshotShare | null;
  readonly tracer: Tracer | null;
}

/** NATS counts as silent when it owes an answer for this part of a lease. */
const silenceOfLease = 0.5;

/** The part of a process that owns shards: its node, and what works beside it. */
export interface Owner {
  readonly node: Node;
  /** Begins to serve. Resolves when it serves for the first time. */
  start(): Promise<void>;
  /** Begins the work beside it: alerts, events, jobs. The node has made the schema by then. */
  startWork(): Promise<void>;
  /** Finishes what was accepted and sets the shards free. The database is closed after it. */
  stop(): Promise<void>;
}

export function createOwner(options: OwnerOptions): Owner {
  const { config, derived, database, bus, clock, log, lock, metrics, newId, version } = options;
  const { nats, redis, snapshots, tracer } = options;
  const { neighbours, nodeName } = config;
  const policy = derived(({ neighbours: { policy } }) => policy);
  const thresholds = derived(({ alertThresholds }) => alertThresholds);
  const defaults = derived((now) => defaultLimits(now.defaults, now.zone));

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

  const node = new Node({
    database,
    bus,
    clock,
    log,
    meter: metrics,
    tracer,
    // The config service may name a policy service at any time.
    limits: neighbours.configService || policy().url !== null ? policies : sameForAll(defaults),
    thresholds,
    snapshots,
    newId,
    nodeName,
    alone: database.kind === "pglite",
    address: `${config.nodeHost}:${config.http.port}`,
    version,
    shardCount: config.shardCount,
    leaseMs: config.leaseMs,
    door: new Door({ ...config, waitingMax: config.waitingCommandsMax }),
    actorsMax: config.actorsMax,
    announcer: nats ? natsAnnouncer(nats, log) : localAnnouncer(),
    line: nats && natsReach(nats, config.leaseMs * silenceOfLease),
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
  const jobs = createJobs({
    database,
    clock,
    timer: dateTimer(clock),
    lock,
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
    checkpointLag: () => node.checkpointLag,
    actorsResident: () => node.actorsResident,
    shardsOwned: () => node.shardsOwned,
  });
  return {
    node,
    start: () => node.start(),
    startWork: async () => {
      outbox.start();
      jobs.start();
      if (usageFeed) usageFeed.start();
      else await endUsageFeed(database.session("outbox"), log);
    },
    stop: async () => {
      await Promise.all([jobs.stop(), outbox.stop(), usageFeed?.stop()]);
      await node.stop();
      await Promise.all([policyService.close(), post.close()]);
      await policyMemory.stop();
    },
  };
}
