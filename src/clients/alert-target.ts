import type { AlertEvent } from "../wire/event.ts";
import type { Posted } from "./post.ts";

export type Channel = "nats" | "webhook" | "notification";

/** What became of one try to tell an alert. The reasons are short and hold no secret. */
export type Tried =
  | { readonly kind: "delivered" }
  | { readonly kind: "again"; readonly reason: string; readonly retryAfterMs: number | null }
  | { readonly kind: "refused"; readonly reason: string };

/** Where alerts are told. Its name stands in rows and logs, so it holds no secret. */
export interface AlertTarget {
  readonly name: string;
  readonly channel: Channel;
  /** One try, of bounded time; never throws for what the other side does. */
  tell(alert: AlertEvent): Promise<Tried>;
}

const reasonCharactersMax = 200;

/** Statuses of the 400s that say "not now" and not "never". */
const notNow: ReadonlySet<number> = new Set([408, 425, 429]);

/** What an answer means: a redirect is not followed, and is tried again, for it may be a maintenance page. */
export function triedOf(posted: Posted): Tried {
  if (posted.kind === "lost") return again(posted.reason);
  const { status, body, retryAfterMs } = posted;
  if (status >= 200 && status < 300) return { kind: "delivered" };
  const reason = shortened(`answered ${status} ${body}`);
  if (status >= 400 && status < 500 && !notNow.has(status)) return { kind: "refused", reason };
  return { kind: "again", reason, retryAfterMs };
}

export function again(reason: string): Tried {
  return { kind: "again", reason: shortened(reason), retryAfterMs: null };
}

/** One line that Postgres stores and a terminal shows as it is. */
function shortened(text: string): string {
  return text
    .toWellFormed()
    .replaceAll(/[\p{C}\s]+/gu, " ")
    .trim()
    .slice(0, reasonCharactersMax)
    .toWellFormed();
}
