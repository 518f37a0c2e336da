import { createHmac } from "node:crypto";

import { eventText } from "../wire/event.ts";
import { type AlertTarget, triedOf } from "./alert-target.ts";
import type { WallTimer } from "./ports.ts";
import type { Post } from "./post.ts";

const secretPrefix = "whsec_";

/**
 * Posts alerts as Standard Webhooks (standardwebhooks.com): signed, with the same id on each try and the time of the
 * try, so that a receiver drops repeats and refuses what somebody has recorded and sends again.
 * @param options.secret `whsec_` and base64
 */
export function webhookTarget(options: {
  readonly name: string;
  readonly url: string;
  readonly secret: string;
  readonly post: Post;
  readonly timer: WallTimer;
}): AlertTarget {
  const { name, url, secret, post, timer } = options;
  return {
    name,
    channel: "webhook",
    tell: async (alert) => {
      const timestamp = JSON.stringify(alert.created_at);
      const body = `{"type":"quota.alert.raised","timestamp":${timestamp},"data":${eventText(alert)}}`;
      const seconds = Math.floor(timer.now() / 1_000);
      const headers = {
        "webhook-id": alert.id,
        "webhook-timestamp": String(seconds),
        "webhook-signature": webhookSignature(secret, { id: alert.id, seconds, body }),
      };
      return triedOf(await post.send({ url, headers, body }));
    },
  };
}

/** The value of `webhook-signature`: HMAC-SHA256 over `id.timestamp.body`, its key the bytes behind `whsec_`. */
export function webhookSignature(
  secret: string,
  message: { readonly id: string; readonly seconds: number; readonly body: string },
): string {
  const key = Buffer.from(secret.slice(secretPrefix.length), "base64");
  const { id, seconds, body } = message;
  const digest = createHmac("sha256", key).update(`${id}.${seconds}.${body}`).digest("base64");
  return `v1,${digest}`;
}

/** Each address with a name of its own, without credentials and query, which may be secrets. */
export function namedWebhooks(
  urls: readonly string[],
): readonly { readonly name: string; readonly url: string }[] {
  const seen = new Map<string, number>();
  return urls.map((url) => {
    const { origin, pathname } = new URL(url);
    const bare = `${origin}${pathname}`;
    const nth = (seen.get(bare) ?? 0) + 1;
    seen.set(bare, nth);
    return { url, name: nth === 1 ? bare : `${bare} #${nth}` };
  });
}
