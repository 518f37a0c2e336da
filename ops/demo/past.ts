import { Operators } from "../../shards/operators/operators.ts";
import { createOwner } from "../../shards/owner.ts";
import type { Config } from "../../src/config.ts";
import { currenciesWith } from "../../src/domain/currency.ts";
import { instant } from "../../src/domain/instant.ts";
import { createApp } from "../../src/edge/app.ts";
import { createAsk } from "../../src/edge/ask.ts";
import { Pulse } from "../../src/edge/pulse.ts";
import { localBus } from "../../src/platform/bus.ts";
import { type Clock, systemClock } from "../../src/platform/clock.ts";
import { openConfigured } from "../../src/platform/configured-database.ts";
import { idSource } from "../../src/platform/id.ts";
import { postgresLock } from "../../src/platform/lock-postgres.ts";
import { createLogger } from "../../src/platform/logger.ts";
import { createMetrics } from "../../src/platform/metrics.ts";
import { packageVersion } from "../../src/platform/package.ts";
import type { DemoEvent } from "./day.ts";
import { type Sent, Sender } from "./sender.ts";

/** What happens within so long is sent at once, and has one time. */
const stepMs = 300_000;
/** As many as a batch takes. */
const batchMax = 1_000;
const statementTimeoutMs = 30_000;

/**
 * Lives through the past on a fresh data folder: the whole service in this process, by a clock that is set to when each
 * thing happens. No entry is made but by the owners, of what they were asked at that time.
 * @param config of the embedded store
 * @param events in the order of their times, none in the future
 */
export async function livePast(
  config: Config,
  events: readonly DemoEvent[],
  onSent: (operations: number) => void,
): Promise<Sent> {
  let behindMs = systemClock.now() - (events[0]?.atMs ?? systemClock.now());
  const clock: Clock = { ...systemClock, now: () => instant(systemClock.now() - behindMs) };
  const log = createLogger({ level: "silent", pretty: false });
  const metrics = createMetrics();
  const newId = idSource(clock);
  const version = packageVersion();
  const bus = localBus();
  const database = await openConfigured(config.database, {
    statementTimeoutMs,
    onProgress: () => undefined,
  });
  const lock = postgresLock(database.session("jobs"));
  const ask = createAsk({ ...config, bus, clock, random: Math.random, closing: () => false });
  const owner = createOwner({
    config,
    derived: (part) => () => part(config),
    ...{ database, bus, clock, log, lock, metrics, newId, version },
    ...{ nats: null, redis: null, snapshots: null, tracer: null },
  });
  const app = createApp({
    ...{ ask, database, clock, log, metrics, newId, version },
    jwtSecret: config.jwtSecret,
    requestTimeoutMs: config.requestTimeoutMs,
    rateLimitPerSecond: null,
    currencies: currenciesWith(config.extraCurrencies),
    pulse: new Pulse(clock),
    operators: new Operators({ database, clock, lock }),
    health: () => Promise.resolve({ ready: true, parts: [] }),
  });
  const sender = new Sender(config.jwtSecret, async (path, headers, body) => {
    const reply = await app.inject({ method: "POST", url: path, headers, payload: body });
    return { status: reply.statusCode, body: reply.json() };
  });
  try {
    await owner.start();
    for (const step of stepsOf(events)) {
      behindMs = systemClock.now() - (step.at(-1)?.atMs ?? systemClock.now());
      await sender.batch(step);
      onSent(step.length);
    }
    return sender.sent;
  } finally {
    behindMs = 0;
    await app.close();
    await owner.stop();
    await database.close();
  }
}

function* stepsOf(events: readonly DemoEvent[]): Generator<readonly DemoEvent[]> {
  let step: DemoEvent[] = [];
  for (const event of events) {
    const first = step[0];
    const isFull = step.length === batchMax;
    if (first && (isFull || event.atMs - first.atMs >= stepMs)) {
      yield step;
      step = [];
    }
    step.push(event);
  }
  if (step.length > 0) yield step;
}
