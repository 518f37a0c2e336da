import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from "prom-client";

import { type Clock, systemClock } from "./clock.ts";
import { buckets } from "./metric-bucket.ts";
import { childrenOf } from "./metric-children.ts";
import { readGauges } from "./metric-gauge.ts";
import { type MetricSources, valueOf } from "./metric-source.ts";
import { sharedText } from "./shared-text.ts";

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
  /** All turns of one round. */
  turnsTaken(seconds: number): void;
  /** A batch was sent. @param seconds from its first fact until then */
  journalWaited(seconds: number): void;
  epochChanged(): void;
  /** A shard was handed over. @param seconds from its sealing until it was another's in Postgres */
  handedOver(seconds: number): void;
  /** @param facts how many of them the tables have got by it */
  checkpointWritten(facts: number, seconds: number): void;
  policyFetched(result: PolicyFetchResult): void;
  /**
   * One attempt to tell of an alert.
   * @param channel nats, webhook or notification
   * @param result delivered, failed (it is tried again), or given_up
   */
  delivered(channel: string, result: string): void;
  /**
   * Its label is `name`: Prometheus keeps `job` for itself.
   * @param result done, failed, or elsewhere: another node was at it
   */
  jobRan(name: string, result: string, seconds: number): void;
  spansLeft(result: SpansResult, spans: number): void;
}

/** What became of a question to the policy service: `none` = it knows no limits of the key, `open` = it was not asked. */
export type PolicyFetchResult = (typeof policyFetchResults)[number];

/** What became of finished spans: `dropped` = too many were waiting. */
export type SpansResult = (typeof spansResults)[number];

const policyFetchResults = ["ok", "none", "timeout", "error", "garbage", "open"] as const;
const spansResults = ["exported", "failed", "dropped"] as const;

const textMaxAgeMs = 1_000;

export function createMetrics({ clock = systemClock }: { readonly clock?: Clock } = {}): Metrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  let sources: MetricSources = {};
  /** A histogram without labels, as the function that feeds it. */
  const observed = (name: string, help: string, bounds: number[]) => {
    const histogram = new Histogram({ name, help, buckets: bounds, registers });
    return (value: number): void => {
      histogram.observe(value);
    };
  };

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
    buckets: buckets.http,
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
  const commitSeconds = observed(
    "quota_journal_commit_seconds",
    "One group commit of the journal.",
    buckets.commit,
  );
  const batchFacts = observed(
    "quota_journal_batch_facts",
    "Facts of one group commit.",
    buckets.batch,
  );
  const queueWaited = observed(
    "quota_queue_wait_seconds",
    "From a command's arrival at its owner to its turn.",
    buckets.wait,
  );
  const turnsTaken = observed("quota_turns_seconds", "All turns of one round.", buckets.turns);
  const journalWaited = observed(
    "quota_journal_wait_seconds",
    "From the first fact of a group commit to its sending, while the one before is on its way.",
    buckets.wait,
  );
  const epochChanges = new Counter({
    name: "quota_epoch_changes_total",
    help: "Changes of a shard's owner, seen by this node.",
    registers,
  });
  const handedOver = observed(
    "quota_handover_pause_seconds",
    "One shard's planned hand-over: from its sealing until it is another's in Postgres.",
    buckets.pause,
  );
  const checkpointSeconds = observed(
    "quota_checkpoint_seconds",
    "One checkpoint: from its statement's sending to its end.",
    buckets.checkpoint,
  );
  const checkpointFacts = new Counter({
    name: "quota_checkpoint_facts_total",
    help: "Facts that checkpoints have written into the tables.",
    registers,
  });
  const policyFetches = new Counter({
    name: "quota_policy_fetches_total",
    help: "Questions to the policy service, by what became of them.",
    labelNames: ["result"],
    registers,
  });
  const alertDeliveries = new Counter({
    name: "quota_alert_deliveries_total",
    help: "Attempts to tell of an alert.",
    labelNames: ["channel", "result"],
    registers,
  });
  const jobRuns = new Counter({
    name: "quota_job_runs_total",
    help: "Runs of the timed jobs, by what became of them.",
    labelNames: ["name", "result"],
    registers,
  });
  const jobSeconds = new Histogram({
    name: "quota_job_seconds",
    help: "One run of a timed job.",
    labelNames: ["name"],
    buckets: buckets.job,
    registers,
  });
  const traceSpans = new Counter({
    name: "quota_trace_spans_total",
    help: "Finished spans, by what became of them.",
    labelNames: ["result"],
    registers,
  });
  // A series that begins at its first event hides this event from every rate: the known ones begin at 0.
  for (const result of policyFetchResults) policyFetches.inc({ result }, 0);
  for (const result of spansResults) traceSpans.inc({ result }, 0);
  alertsTotal.inc({ type: "suspended", level: "critical" }, 0);
  for (const window of ["daily", "monthly", "yearly"]) {
    alertsTotal.inc({ type: `${window}_80`, level: "warning" }, 0);
    alertsTotal.inc({ type: `${window}_100`, level: "critical" }, 0);
  }
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
  for (const { name, help, read } of readGauges(() => sources)) {
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
  }

  const requestChildren = childrenOf((method: string, path: string, status: string) => {
    const labels = [method, path, status] as const;
    return { total: requestsTotal.labels(...labels), seconds: requestSeconds.labels(...labels) };
  });
  const operationChildren = childrenOf((action: string, outcome: string) =>
    operationsTotal.labels(action, outcome),
  );

  return {
    mediaType: registry.contentType,
    text: sharedText(() => registry.metrics(), clock, textMaxAgeMs),
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
      batchFacts(facts);
      commitSeconds(seconds);
    },
    queueWaited,
    turnsTaken,
    journalWaited,
    epochChanged() {
      epochChanges.inc();
    },
    handedOver,
    checkpointWritten(facts, seconds) {
      checkpointFacts.inc(facts);
      checkpointSeconds(seconds);
    },
    policyFetched(result) {
      policyFetches.inc({ result });
    },
    delivered(channel, result) {
      alertDeliveries.inc({ channel, result });
    },
    jobRan(name, result, seconds) {
      jobRuns.inc({ name, result });
      jobSeconds.observe({ name }, seconds);
    },
    spansLeft(result, spans) {
      traceSpans.inc({ result }, spans);
    },
  };
}
