import { shown } from "../wire/envelope.ts";
import { type AlertEvent, eventText } from "../wire/event.ts";
import { isRecord } from "../wire/record.ts";
import { again, type AlertTarget, type Tried, triedOf } from "./alert-target.ts";
import type { Post, Posted } from "./post.ts";

const path = "/api/v1/notifications/send";

/** Tells the platform's notification-service, which tells people. It says success with a code in the body. */
export function notificationTarget(options: {
  readonly url: string;
  readonly post: Post;
}): AlertTarget {
  const url = `${options.url.replace(/\/+$/, "")}${path}`;
  return {
    name: "notification-service",
    channel: "notification",
    tell: async (alert) => {
      // It may be told the same alert twice: the key lets it tell people once.
      const headers = { "idempotency-key": alert.id };
      return outcomeOf(await options.post.send({ url, headers, body: bodyOf(alert) }));
    },
  };
}

function bodyOf(alert: AlertEvent): string {
  const critical = alert.alert_level === "critical";
  const said = JSON.stringify({
    merchant_id: alert.merchant_id,
    type: critical ? "quota_critical" : "quota_warning",
    title: `Quota of ${alert.merchant_id} in ${alert.currency}: ${alert.alert_type}`,
    content: alert.message,
    priority: critical ? "high" : "normal",
  });
  return `${said.slice(0, -1)},"data":${eventText(alert)}}`;
}

function outcomeOf(posted: Posted): Tried {
  const tried = triedOf(posted);
  if (tried.kind !== "delivered" || posted.kind !== "answered") return tried;
  const body = parsed(posted.body);
  if (!isRecord(body)) return again("answered without a code");
  return body["code"] === 0 ? tried : again(`answered with code ${shown(body["code"])}`);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
