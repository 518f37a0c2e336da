import { Agent, request } from "undici";

import type { Instant } from "../domain/instant.ts";
import type { WallTimer } from "./ports.ts";

/** From the first byte sent to the last one read; then the try is lost. */
export const postMs = 5_000;
/** What is read of an answer; the rest is cut off. */
const answerBytesMax = 16_384;

export interface PostRequest {
  /** Credentials in it are sent as Basic authorization. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** What came of it: an answer, cut off where it was long or slow, or nothing that could be read. */
export type Posted =
  | {
      readonly kind: "answered";
      readonly status: number;
      readonly body: string;
      /** null = it did not say. */
      readonly retryAfterMs: number | null;
    }
  | { readonly kind: "lost"; readonly reason: string };

/** Posts JSON to neighbours, each try of bounded time and size. Redirects are not followed. */
export interface Post {
  /** Never throws for what the network or the other side does. */
  send(request: PostRequest): Promise<Posted>;
  close(): Promise<void>;
}

export function createPost(timer: WallTimer): Post {
  const agent = new Agent({ connect: { timeout: postMs } });
  return {
    send: async ({ url, headers, body: sent }) => {
      const { address, authorization } = withoutCredentials(url);
      const overdue = new AbortController();
      const cancel = timer.after(postMs, () => {
        overdue.abort(new Error(`no answer within ${postMs / 1_000} s`));
      });
      try {
        const answer = await request(address, {
          dispatcher: agent,
          method: "POST",
          headers: { "content-type": "application/json", ...authorization, ...headers },
          body: sent,
          signal: overdue.signal,
        });
        const retryAfter = answer.headers["retry-after"];
        const retryAfterMs =
          typeof retryAfter === "string" ? waitOf(retryAfter, timer.now()) : null;
        const body = await beginningOf(answer.body);
        return { kind: "answered", status: answer.statusCode, body, retryAfterMs };
      } catch (error) {
        return { kind: "lost", reason: reasonOf(error) };
      } finally {
        cancel();
      }
    },
    close: () => agent.destroy(),
  };
}

/** The status has come: a body that breaks off or hangs takes nothing of it back. */
async function beginningOf(body: AsyncIterable<unknown>): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of body) {
      if (!Buffer.isBuffer(chunk)) continue;
      chunks.push(chunk);
      bytes += chunk.length;
      if (bytes >= answerBytesMax) break;
    }
  } catch {
    return Buffer.concat(chunks).toString("utf8");
  }
  return Buffer.concat(chunks).subarray(0, answerBytesMax).toString("utf8");
}

/** RFC 9110: seconds, or a date. */
function waitOf(retryAfter: string, now: Instant): number | null {
  if (/^[0-9]{1,9}$/.test(retryAfter)) return Number(retryAfter) * 1_000;
  const at = Date.parse(retryAfter);
  return Number.isNaN(at) ? null : Math.max(at - now, 0);
}

/** The client sends none that stand in an address. */
function withoutCredentials(url: string): {
  readonly address: URL;
  readonly authorization: Readonly<Record<string, string>>;
} {
  const address = new URL(url);
  const { username, password } = address;
  if (username === "" && password === "") return { address, authorization: {} };
  address.username = "";
  address.password = "";
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return {
    address,
    authorization: { authorization: `Basic ${Buffer.from(pair).toString("base64")}` },
  };
}

/** Without the address, which the operator knows and which may hold a secret. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return "the connection failed";
  return "code" in error && typeof error.code === "string" ? error.code : error.message;
}
