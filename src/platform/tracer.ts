import type { Key } from "../domain/ids.ts";

/** From one moment to another of the monotonic clock, `Clock.elapsedMs`. */
export interface Stretch {
  readonly fromMs: number;
  readonly untilMs: number;
}

/** One request as its owner saw it, told when it is answered. */
export interface OwnedRequest {
  /** `Message.trace`. */
  readonly trace: string;
  readonly action: string;
  readonly key: Key;
  readonly shard: number;
  /** accepted, duplicate, or the code of the refusal or fault */
  readonly outcome: string;
  readonly arrivedMs: number;
  readonly answeredMs: number;
  /** null = it had no turn. */
  readonly turn: Stretch | null;
  /** The commit of the batch that the answer waited for; null = it waited for none. */
  readonly commit: Stretch | null;
}

/** The span of one question to an owner. */
export interface AskSpan {
  /** W3C traceparent, for `Message.trace`. */
  readonly trace: string;
  /** @param outcome null = answered; else the code of the fault */
  end(fault: string | null): void;
}

/** The span of one request at the edge. */
export interface RequestSpan {
  /** 32 hexadecimal digits: the caller's, or a new one. */
  readonly traceId: string;
  /** W3C traceparent of this span. */
  readonly traceparent: string;
  /** Begins the span of a question to an owner; null = the caller does not want this trace kept. */
  ask(action: string): AskSpan | null;
  /** Only the first counts. @param status of the answer; null = the caller went away before it */
  end(status: number | null): void;
}

/** Keeps spans of requests for a collector. Where tracing is off there is none. */
export interface Tracer {
  /**
   * Begins a request's span, as a child of the caller's where its head names one.
   * @param path the route's pattern
   */
  request(begun: {
    readonly method: string;
    readonly path: string;
    readonly requestId: string;
    readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  }): RequestSpan;
  /** Makes the spans of the owner's side: queue, turn and commit, as children of the edge's. */
  owned(request: OwnedRequest): void;
  /** Sends what is left, within a bounded time, and ends; never rejects. */
  close(): Promise<void>;
}
