import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from "prom-client";

import { type Clock, systemClock } from "./clock.ts";

/**
 * What is asked when Prometheus asks: values that somebody else keeps. Each is optional; one that fails or takes longer
 * than `sourceMaxMs` leaves its own gauge out and nothing else.
 */
export interface MetricSources {
  /** The highest only: the source bounds how many. `rate` 1 = all of the limit. */
  readonly usageRates?: () => Iterable<{ merchantId: string; currency: string; rate: number }>;
  readonly alertsActive?: () => number | Promise<number>;
  readonly checkpointLag?: () => { readonly facts: number; readonly seconds: number };
  readonly actorsResident?: () => number;
  readonly shardsOwned?: () => number;
}

/** Counts what happens, under the names of the platform's dashboards. */
export interface Metrics {
  readonly mediaType: string;
  /** Everything, as Prometheus reads it: one reading at a time, shared by all who ask within `textMaxAgeMs`. */
  text(): Promise<string>;
  /** Adds sources to those that are known; a later one of the same name replaces it. */
  readFrom(sources: MetricSources): void;
  /** @param path the route's pattern, `unmatched` where no route was found */
  httpRequest(method: string, path: string, status: number, seconds: number): void;
  /** @param outcome accepted, duplicate, or the code of the refusal or fault */
  operation(action: string, outcome: string): void;
  alertRaised(type: string, level: string): void;
  journalCommitted(facts: number, seconds: number): void;
  queueWaited(seconds: number): void;
  epochChanged(): void;
}

const httpBuckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];
const commitBuckets = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5];
const batchBuckets = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000];

const sourceMaxMs = 500;
const textMaxAgeMs = 1_000;

export function createMetrics({ clock = systemClock }: { readonly clock?: Clock } = {}): Metrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  let sources: MetricSources = {};

  const requestsTotal = new Counter({
    name: "http_requests_total",
    help: "HTTP requests answered.",
    labelNames: ["method", "path", "status"],
    registers,
  });
  const requestSeconds = new Histogram({
    name: "http_request_duration_seconds",
    help: "From a request's head to its answer.",
    labelNames: ["method", "path", "status"],
    buckets: httpBuckets,
    registers,
  });
  const operationsTotal = new Counter({
    name: "quota_operations_total",
    help: "Commands and checks, by action and outcome.",
    labelNames: ["action", "outcome"],
    registers,
  });
  const alertsTotal = new Counter({
    name: "quota_alerts_total",
    help: "Alerts raised.",
    labelNames: ["type", "level"],
    registers,
  });
  const commitSeconds = new Histogram({
    name: "quota_journal_commit_seconds",
    help: "One group commit of the journal.",
    buckets: commitBuckets,
    registers,
  });
  const batchFacts = new Histogram({
    name: "quota_journal_batch_facts",
    help: "Facts of one group commit.",
    buckets: batchBuckets,
    registers,
  });
  const queueSeconds = new Histogram({
    name: "quota_queue_wait_seconds",
    help: "From a command's arrival at its owner to its turn.",
    buckets: commitBuckets,
    registers,
  });
  const epochChanges = new Counter({
    name: "quota_epoch_changes_total",
    help: "Changes of a shard's owner, seen by this node.",
    registers,
  });
  new Gauge({
    name: "quota_usage_rate",
    help: "Highest share of a limit that is used; the highest keys only.",
    labelNames: ["merchant_id", "currency"],
    registers,
    collect() {
      this.reset();
      try {
        for (const { merchantId, currency, rate } of sources.usageRates?.() ?? []) {
          this.set({ merchant_id: merchantId, currency }, rate);
        }
      } catch {
        this.reset();
      }
    },
  });
  const gauge = (name: string, help: string, read: Source) =>
    new Gauge({
      name,
      help,
      registers,
      async collect() {
        const value = await valueOf(read, clock);
        if (value === undefined) this.remove();
        else this.set(value);
      },
    });
  gauge("quota_alerts_active", "Alerts that nobody has resolved.", () => sources.alertsActive?.());
  gauge(
    "quota_checkpoint_lag_facts",
    "Facts in the journal that the tables do not have yet.",
    () => sources.checkpointLag?.().facts,
  );
  gauge(
    "quota_checkpoint_lag_seconds",
    "Age of the oldest fact that the tables do not have yet.",
    () => sources.checkpointLag?.().seconds,
  );
  gauge("quota_actors_resident", "Keys in memory.", () => sources.actorsResident?.());
  gauge("quota_shards_owned", "Shards of this node.", () => sources.shardsOwned?.());

  const requestChildren = childrenOf((method: string, path: string, status: string) => {
    const labels = [method, path, status] as const;
    return { total: requestsTotal.labels(...labels), seconds: requestSeconds.labels(...labels) };
  });
  const operationChildren = childrenOf((action: string, outcome: string) =>
    operationsTotal.labels(action, outcome),
  );

  return {
    mediaType: registry.contentType,
    text: shared(() => registry.metrics(), clock),
    readFrom(more) {
      sources = { ...sources, ...more };
    },
    httpRequest(method, path, status, seconds) {
      const child = requestChildren(method, path, String(status));
      child.total.inc();
      child.seconds.observe(seconds);
    },
    operation(action, outcome) {
      operationChildren(action, outcome).inc();
    },
    alertRaised(type, level) {
      alertsTotal.inc({ type, level });
    },
    journalCommitted(facts, seconds) {
      batchFacts.observe(facts);
      commitSeconds.observe(seconds);
    },
    queueWaited(seconds) {
      queueSeconds.observe(seconds);
    },
    epochChanged() {
      epochChanges.inc();
    },
  };
}

type Source = () => number | Promise<number> | undefined;

/** @returns undefined = there is no such source, or it failed, or it took too long; what it says later is not heard */
function valueOf(read: Source, clock: Clock): Promise<number | undefined> {
  return new Promise((resolve) => {
    const cancel = clock.after(sourceMaxMs, () => {
      resolve(undefined);
    });
    const ask = async (): Promise<number | undefined> => read();
    ask()
      .then(resolve, () => {
        resolve(undefined);
      })
      .finally(cancel);
  });
}

/** Makes a text once for all who ask while it is made and for a while after; a failure is not kept. */
function shared(make: () => Promise<string>, clock: Clock): () => Promise<string> {
  let making: Promise<string> | undefined;
  let made: { readonly text: string; readonly atMs: number } | undefined;
  const remake = async (): Promise<string> => {
    try {
      const text = await make();
      made = { text, atMs: clock.elapsedMs() };
      return text;
    } finally {
      making = undefined;
    }
  };
  return () => {
    if (made && clock.elapsedMs() - made.atMs < textMaxAgeMs) return Promise.resolve(made.text);
    making ??= remake();
    return making;
  };
}

/** Keeps what was made for each set of labels: making it costs more than counting. Labels are bounded by the routes. */
function childrenOf<Child>(
  make: (...labels: [string, string, string]) => Child,
): (...labels: [string, string, string?]) => Child {
  const children = new Map<string, Child>();
  return (first, second, third = "") => {
    const name = `${first} ${second} ${third}`;
    let child = children.get(name);
    if (child === undefined) {
      child = make(first, second, third);
      children.set(name, child);
    }
    return child;
  };
}
