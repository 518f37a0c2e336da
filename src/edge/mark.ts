import type { RequestSpan } from "../platform/tracer.ts";

/** By what a request is found again: in its answer, in the log, in its trace. */
export interface Mark {
  readonly requestId: string;
  /** W3C trace id, 32 hexadecimal digits; null = the caller gave none and tracing is off. */
  readonly traceId: string | null;
  /** null = tracing is off. */
  readonly span: RequestSpan | null;
}
