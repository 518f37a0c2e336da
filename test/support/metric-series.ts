import { createMetrics } from "../../src/platform/metrics.ts";
import type { FaultCode } from "../../src/wire/fault.ts";
import type { Selector } from "./promql.ts";

/** Everything that /metrics can show. */
export interface Shown {
  /** Of each name as Prometheus stores it, `_bucket` and its kin included. */
  readonly types: ReadonlyMap<string, string>;
  readonly series: readonly Series[];
}

interface Series {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
}

const faults: readonly FaultCode[] = [
  "OVERLOADED",
  "SHARD_UNAVAILABLE",
  "OUTCOME_UNKNOWN",
  "INTERNAL",
];
/** What Prometheus itself puts on every series, and the series that it makes of each target. */
const ofTarget = { instance: "node-1:40022", job: "merchant-quota" };
const up = { name: "up", labels: {} };
/** Shown once the process has collected garbage: the library's own names. */
const garbage = ["_bucket", "_sum", "_count"].map((part) => ({
  name: `nodejs_gc_duration_seconds${part}`,
  labels: { kind: "major", ...(part === "_bucket" ? { le: "1" } : {}) },
}));

/** Lets everything happen once that is counted, and reads what is shown then. */
export async function everySeries(): Promise<Shown> {
  const metrics = createMetrics();
  metrics.readFrom({
    usageRates: () => [{ merchantId: "M", currency: "USD", rate: 0.5 }],
    alertsActive: () => 1,
    checkpointLag: () => ({ facts: 1, seconds: 1 }),
    actorsResident: () => 1,
    shardsOwned: () => 256,
    ready: () => true,
    nats: () => ({ connected: true, lost: 1, waiting: 1 }),
  });
  for (const status of [200, 429, 500, 503]) {
    metrics.httpRequest("POST", "/api/v1/quotas/consume", status, 0.001);
  }
  metrics.httpRequest("POST", "refused", 503, 0);
  for (const outcome of ["accepted", "duplicate", "DAILY_LIMIT_EXCEEDED", ...faults]) {
    metrics.operation("consume", outcome);
  }
  metrics.alertRaised("daily_100", "critical");
  metrics.journalCommitted(1, 0.001);
  metrics.queueWaited(0.001);
  metrics.turnsTaken(0.0005);
  metrics.journalWaited(0.001);
  metrics.epochChanged();
  metrics.handedOver(0.01);
  metrics.checkpointWritten(1, 0.001);
  metrics.policyFetched("ok");
  for (const result of ["delivered", "failed", "given_up"]) metrics.delivered("webhook", result);
  for (const result of ["done", "failed", "elsewhere"]) metrics.jobRan("reset_sweep", result, 1);
  metrics.spansLeft("exported", 1);
  const text = await metrics.text();
  return { types: typesOf(text), series: [...seriesOf(text), ...garbage, up] };
}

/** @returns what is wrong with a selector; undefined = it finds something */
export function misses(
  { metric, matchers, isRange }: Selector,
  { types, series }: Shown,
): string | undefined {
  const named = series.filter(({ name }) => name === metric);
  const [first] = named;
  if (!first) return `${metric} is not a metric`;
  const known = { ...ofTarget, ...first.labels };
  for (const { label } of matchers) {
    if (!(label in known)) return `${metric} has no label ${label}`;
  }
  const found = named.some(({ labels }) =>
    matchers.every(({ label, operator, value }) => {
      const has = { ...ofTarget, ...labels }[label] ?? "";
      return value.startsWith("$") || matches(has, operator, value);
    }),
  );
  if (!found) return `${metric} has never these labels`;
  if (types.get(metric) === "counter" && !isRange) return `${metric} only ever grows: take a rate`;
  return undefined;
}

/** Labels that a selector's series bear. */
export function labelsOf({ metric }: Selector, { series }: Shown): readonly string[] {
  const labels = series.find(({ name }) => name === metric)?.labels ?? {};
  return [...Object.keys(labels), ...Object.keys(ofTarget)];
}

function matches(has: string, operator: string, value: string): boolean {
  const isMatch = operator.endsWith("~") ? new RegExp(`^(?:${value})$`).test(has) : has === value;
  return operator.startsWith("!") ? !isMatch : isMatch;
}

function typesOf(text: string): ReadonlyMap<string, string> {
  const types = new Map<string, string>();
  for (const [, name = "", type = ""] of text.matchAll(/^# TYPE (\S+) (\S+)$/gm)) {
    types.set(name, type);
    // The parts of a histogram are counters each.
    if (type !== "histogram") continue;
    for (const part of ["_bucket", "_sum", "_count"]) types.set(name + part, "counter");
  }
  return types;
}

function seriesOf(text: string): readonly Series[] {
  return [...text.matchAll(/^([a-z_:0-9]+)(?:\{(.*)\})? \S+$/gim)].map(
    ([, name = "", inside = ""]) => {
      const labels = [...inside.matchAll(/([a-z_]+)="([^"]*)"/g)];
      return {
        name,
        labels: Object.fromEntries(labels.map(([, label = "", value = ""]) => [label, value])),
      };
    },
  );
}
