import type { Call } from "./call.ts";

/** A JSON object of a reply; its totals are bigint. */
export type Body = Readonly<Record<string, unknown>>;

/** What came of one try. */
export type Heard =
  | {
      readonly kind: "answered";
      readonly status: number;
      /** null = it is no JSON object. */
      readonly body: Body | null;
      /** null = it did not say. */
      readonly retryAfterMs: number | null;
    }
  /** No whole answer. Not sent = certainly nothing happened; else nobody can say. */
  | { readonly kind: "lost"; readonly wasSent: boolean; readonly reason: string };

/** Carries a call to the service. */
export interface Transport {
  /**
   * One try; never throws for what the network or the service does.
   * @param tryMs of everything: connection, answer and body
   * @param trace W3C traceparent of who asks
   * @throws whatever the caller's own token function throws
   */
  send(call: Call, tryMs: number, trace?: string): Promise<Heard>;
  /** Cuts what is on its way, which is then lost. */
  close(): Promise<void>;
}
