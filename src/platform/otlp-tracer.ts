import {
  type Attributes,
  type Context,
  defaultTextMapGetter,
  type HrTime,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
} from "@opentelemetry/api";
import { millisToHrTime, W3CTraceContextPropagator } from "@opentelemetry/core";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { resourceFromAttributes } from "@opentelemetry/resources";
import {
  AlwaysOnSampler,
  BasicTracerProvider,
  ParentBasedSampler,
} from "@opentelemetry/sdk-trace-base";

import type { FaultCode } from "../wire/fault.ts";
import type { Clock } from "./clock.ts";
import { spanExport, type SpanExportOptions } from "./span-export.ts";
import type { OwnedRequest, RequestSpan, Stretch, Tracer } from "./tracer.ts";

/** What a tracer is made of, and how it names itself to the collector. */
export interface OtlpTracerOptions extends Omit<SpanExportOptions, "exporter"> {
  /** Base address of an OpenTelemetry collector (OTLP over HTTP): spans go to `<url>/v1/traces`. */
  readonly url: string;
  readonly nodeName: string;
  readonly version: string;
}

const service = "merchant-quota-service";
/** One request to the collector, its repeats included. */
const exportTimeoutMs = 5_000;
/** What is not sent by then when the process ends is lost. */
const closeMaxMs = 3_000;
/** How far the wall clock may drift from the monotonic one before spans follow it. */
const driftMaxMs = 5;

const faultCodes: ReadonlySet<string> = new Set<FaultCode>([
  "OVERLOADED",
  "SHARD_UNAVAILABLE",
  "OUTCOME_UNKNOWN",
  "INTERNAL",
]);

const propagator = new W3CTraceContextPropagator();

/** Keeps spans by OpenTelemetry's SDK: those that the caller wants kept, and those of callers without a trace. */
export function createOtlpTracer(options: OtlpTracerOptions): Tracer {
  const { clock, nodeName, version } = options;
  const exporter = new OTLPTraceExporter({
    url: `${options.url.replace(/\/+$/, "")}/v1/traces`,
    timeoutMillis: exportTimeoutMs,
  });
  const provider = new BasicTracerProvider({
    resource: resourceFromAttributes({
      "service.name": service,
      "service.version": version,
      "service.instance.id": nodeName,
    }),
    sampler: new ParentBasedSampler({ root: new AlwaysOnSampler() }),
    spanProcessors: [spanExport({ ...options, exporter })],
  });
  const spans = provider.getTracer(service, version);
  const timeOf = wallTimes(clock);

  const begin = (
    name: string,
    parent: Context,
    more: { readonly kind?: SpanKind; readonly fromMs: number; readonly attributes?: Attributes },
  ): Span => {
    const { kind = SpanKind.INTERNAL, fromMs, attributes = {} } = more;
    return spans.startSpan(name, { kind, startTime: timeOf(fromMs), attributes }, parent);
  };
  const stretch = (name: string, parent: Context, { fromMs, untilMs }: Stretch): void => {
    begin(name, parent, { fromMs }).end(timeOf(untilMs));
  };
  const endNow = (span: Span): void => {
    span.end(timeOf(clock.elapsedMs()));
  };

  return {
    request({ method, path, requestId, headers }) {
      const caller = propagator.extract(ROOT_CONTEXT, headers, defaultTextMapGetter);
      const span = begin(`${method} ${path}`, caller, {
        kind: SpanKind.SERVER,
        fromMs: clock.elapsedMs(),
        attributes: {
          "http.request.method": method,
          "http.route": path,
          "quota.request_id": requestId,
        },
      });
      const own = trace.setSpan(ROOT_CONTEXT, span);
      return {
        traceId: span.spanContext().traceId,
        traceparent: traceparentOf(span),
        ask(action) {
          if (!span.isRecording()) return null;
          const fromMs = clock.elapsedMs();
          const asked = begin(`ask ${action}`, own, { kind: SpanKind.CLIENT, fromMs });
          return {
            trace: traceparentOf(asked),
            end(fault) {
              if (fault !== null) markFailed(asked, fault);
              endNow(asked);
            },
          };
        },
        end(status) {
          if (status === null) markFailed(span, "the caller went away");
          else span.setAttribute("http.response.status_code", status);
          if (status !== null && status >= 500) markFailed(span, String(status));
          endNow(span);
        },
      } satisfies RequestSpan;
    },

    owned(request: OwnedRequest) {
      const { action, key, arrivedMs, answeredMs, turn, commit, outcome } = request;
      const edge = propagator.extract(
        ROOT_CONTEXT,
        { traceparent: request.trace },
        defaultTextMapGetter,
      );
      const span = begin(`own ${action}`, edge, {
        kind: SpanKind.SERVER,
        fromMs: arrivedMs,
        attributes: {
          "quota.merchant_id": key.merchantId,
          "quota.currency": key.currency,
          "quota.shard": request.shard,
          "quota.outcome": outcome,
        },
      });
      const own = trace.setSpan(ROOT_CONTEXT, span);
      stretch("queue", own, { fromMs: arrivedMs, untilMs: turn?.fromMs ?? answeredMs });
      if (turn) stretch("turn", own, turn);
      if (commit) stretch("commit", own, commit);
      if (faultCodes.has(outcome)) markFailed(span, outcome);
      span.end(timeOf(answeredMs));
    },

    close: () =>
      new Promise((resolve) => {
        const cancel = clock.after(closeMaxMs, resolve);
        const ended = (): void => {
          cancel();
          resolve();
        };
        // What could not be sent has been counted.
        provider.shutdown().then(ended, ended);
      }),
  };
}

function markFailed(span: Span, why: string): void {
  span.setStatus({ code: SpanStatusCode.ERROR, message: why });
}

/** W3C Trace Context, level 1. */
function traceparentOf(span: Span): string {
  const { traceId, spanId, traceFlags } = span.spanContext();
  return `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, "0")}`;
}

/**
 * Wall times of moments of the monotonic clock. All that a trace is made of is reckoned from one origin, so that no
 * span begins before its parent; the origin moves when the wall clock was set.
 */
function wallTimes(clock: Clock): (elapsedMs: number) => HrTime {
  const originNow = (): number => clock.now() - clock.elapsedMs();
  let originMs = originNow();
  return (elapsedMs) => {
    const nowMs = originNow();
    if (Math.abs(nowMs - originMs) > driftMaxMs) originMs = nowMs;
    return millisToHrTime(originMs + elapsedMs);
  };
}
