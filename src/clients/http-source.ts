import { Agent, request } from "undici";

import type { Timer } from "./ports.ts";

/** What came of one question. */
export type Heard =
  /** Status 200, and JSON that was read. */
  | { readonly kind: "json"; readonly body: unknown }
  /** Status 200, and no JSON, or too much of it. */
  | { readonly kind: "garbage"; readonly why: string }
  /** Any other status; redirects are not followed. */
  | { readonly kind: "status"; readonly status: number }
  | { readonly kind: "timeout"; readonly timeoutMs: number }
  /** No whole answer: no connection, or one that was cut. */
  | { readonly kind: "error"; readonly why: string };

/** Asks neighbours over HTTP for JSON: bounded in time, in size and in connections. */
export interface HttpSource {
  /**
   * One question, one try.
   * @param timeoutMs of everything: connection, answer and body
   * @returns whatever came of it; never throws
   */
  get(url: string, timeoutMs: number): Promise<Heard>;
  /** Cuts what is on its way, which is then heard as an error. */
  close(): Promise<void>;
}

const connectTimeoutMs = 2_000; // then the connection, which nobody may wait for any more, is given up
const whyCharactersMax = 200;

export function createHttpSource(options: {
  readonly timer: Timer;
  /** To one address; further questions wait for a connection within their time. */
  readonly connectionsMax: number;
  /** Of one body; a longer one is garbage. */
  readonly bytesMax: number;
}): HttpSource {
  const { timer, connectionsMax, bytesMax } = options;
  const agent = new Agent({
    connections: connectionsMax,
    maxResponseSize: bytesMax,
    connect: { timeout: connectTimeoutMs },
  });

  const ask = async (url: string, signal: AbortSignal): Promise<Heard> => {
    const headers = { accept: "application/json" };
    const { statusCode: status, body } = await request(url, { dispatcher: agent, signal, headers });
    if (status === 200) return jsonIn(await body.text());
    await body.dump({ limit: bytesMax }); // so that the connection can be used again
    return { kind: "status", status };
  };

  return {
    get: async (url, timeoutMs) => {
      const abort = new AbortController();
      const cancel = timer.after(timeoutMs, () => {
        abort.abort();
      });
      try {
        return await ask(url, abort.signal);
      } catch (error) {
        if (abort.signal.aborted) return { kind: "timeout", timeoutMs };
        const isTooLong = codeOf(error) === "UND_ERR_RES_EXCEEDED_MAX_SIZE";
        if (isTooLong) return { kind: "garbage", why: `it is over ${bytesMax} bytes` };
        return { kind: "error", why: whyOf(error) };
      } finally {
        cancel();
      }
    },
    close: () => agent.destroy(),
  };
}

function jsonIn(text: string): Heard {
  try {
    return { kind: "json", body: JSON.parse(text) };
  } catch {
    return { kind: "garbage", why: "it is not JSON" };
  }
}

/** Without the address, which the operator knows and which may hold a secret. */
function whyOf(error: unknown): string {
  const code = codeOf(error);
  if (code !== undefined) return code;
  return (error instanceof Error ? error.message : String(error)).slice(0, whyCharactersMax);
}

function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !("code" in error)) return undefined;
  return typeof error.code === "string" ? error.code : undefined;
}
