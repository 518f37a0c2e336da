import { type ExportResult, ExportResultCode } from "@opentelemetry/core";
import {
  BatchSpanProcessor,
  type ReadableSpan,
  type SpanExporter,
  type SpanProcessor,
} from "@opentelemetry/sdk-trace-base";

import type { Clock } from "./clock.ts";
import type { Logger } from "./logger.ts";
import type { SpansResult } from "./metrics.ts";

/** Finished spans that are not with the collector yet; then further ones are dropped and counted. */
const waitingMax = 8_192;
const batchMax = 512;
/** How long finished spans are gathered before they are sent. */
const gatherMs = 1_000;
/** A batch that is not taken by then is given up, whatever holds it up. */
const batchTimeoutMs = 10_000;

export interface SpanExportOptions {
  readonly exporter: SpanExporter;
  readonly clock: Clock;
  readonly log: Pick<Logger, "info" | "warn">;
  /** Told what became of spans. */
  readonly onSpans: (result: SpansResult, spans: number) => void;
}

/**
 * Sends finished spans in batches, never in the way of those who finish them: what the collector does not take in time
 * is dropped and counted, and the log says once that it is away and once that it is back.
 */
export function spanExport(options: SpanExportOptions): SpanProcessor {
  const { exporter, clock, log, onSpans } = options;
  let waiting = 0;
  let isAway = false;
  /** Batches on their way: the library's own flush waits for those alone that it sends itself. */
  const underWay = new Set<Promise<void>>();

  const settle = ({ code, error }: ExportResult, spans: number): void => {
    waiting -= spans;
    const failed = code === ExportResultCode.FAILED;
    onSpans(failed ? "failed" : "exported", spans);
    if (failed && !isAway) log.warn({ reason: error?.message }, "traces cannot be exported");
    if (!failed && isAway) log.info("traces are exported again");
    isAway = failed;
  };
  const send = (spans: ReadableSpan[], done: (result: ExportResult) => void): void => {
    const { promise, resolve } = promised();
    underWay.add(promise);
    const once = (result: ExportResult): void => {
      if (!underWay.delete(promise)) return;
      cancel();
      settle(result, spans.length);
      done(result);
      resolve();
    };
    const cancel = clock.after(batchTimeoutMs, () => {
      once({ code: ExportResultCode.FAILED, error: new Error("no answer in time") });
    });
    exporter.export(spans, once);
  };
  const batches = new BatchSpanProcessor(
    { export: send, shutdown: () => exporter.shutdown() },
    {
      maxQueueSize: waitingMax,
      maxExportBatchSize: batchMax,
      scheduledDelayMillis: gatherMs,
      // Only so that the two do not race: `send` has given up before.
      exportTimeoutMillis: 2 * batchTimeoutMs,
    },
  );
  return {
    onStart: (span, parent) => {
      batches.onStart(span, parent);
    },
    onEnd: (span) => {
      if (waiting >= waitingMax) {
        onSpans("dropped", 1);
        return;
      }
      waiting += 1;
      batches.onEnd(span);
    },
    forceFlush: () => batches.forceFlush(),
    shutdown: async () => {
      // It rejects when a batch could not be sent; that has been counted, and others are still on their way.
      await batches.forceFlush().catch(() => undefined);
      await Promise.all(underWay);
      await batches.shutdown();
    },
  };
}

function promised(): { readonly promise: Promise<void>; readonly resolve: () => void } {
  let resolve = (): void => undefined;
  const promise = new Promise<void>((settled) => {
    resolve = settled;
  });
  return { promise, resolve };
}
