import type { OtlpTracerOptions } from "./otlp-tracer.ts";
import type { Tracer } from "./tracer.ts";

/**
 * Begins tracing, if there is a collector.
 * @param options.url null = there is none: nothing of the OpenTelemetry SDK is loaded, and there is no tracer
 */
export async function openTracing(
  options: Omit<OtlpTracerOptions, "url"> & { readonly url: string | null },
): Promise<Tracer | null> {
  const { url } = options;
  if (url === null) return null;
  const { createOtlpTracer } = await import("./otlp-tracer.ts");
  return createOtlpTracer({ ...options, url });
}
