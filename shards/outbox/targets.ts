import { again, type AlertTarget } from "../../src/clients/alert-target.ts";
import { notificationTarget } from "../../src/clients/notification-service.ts";
import type { Post } from "../../src/clients/post.ts";
import { namedWebhooks, webhookTarget } from "../../src/clients/webhook.ts";
import type { Clock } from "../../src/platform/clock.ts";
import type { EventMessage } from "../../src/platform/nats.ts";
import { eventText } from "../../src/wire/event.ts";
import { faultOf } from "../../src/wire/fault.ts";
import { alertSubject } from "../../src/wire/subject.ts";

/** Stores an event, or throws a Fault: see `Nats`. */
export interface EventStream {
  publish(message: EventMessage): Promise<void>;
}

/** Everybody who is to be told of alerts, each with a name of its own. */
export function alertTargets(options: {
  /** null = not configured, as in the rest. */
  readonly nats: EventStream | null;
  readonly webhooks: { readonly urls: readonly string[]; readonly secret: string } | null;
  readonly notificationUrl: string | null;
  readonly post: Post;
  readonly clock: Clock;
}): readonly AlertTarget[] {
  const { nats, webhooks, notificationUrl, post, clock } = options;
  const { urls, secret } = webhooks ?? { urls: [], secret: "" };
  return [
    ...(nats ? [natsTarget(nats)] : []),
    ...(notificationUrl === null ? [] : [notificationTarget({ url: notificationUrl, post })]),
    ...namedWebhooks(urls).map((named) => webhookTarget({ ...named, secret, post, timer: clock })),
  ];
}

/** The stream of events: whoever consumes it drops repeats by the alert's id. */
function natsTarget(nats: EventStream): AlertTarget {
  return {
    name: "nats",
    channel: "nats",
    tell: async (alert) => {
      const { id, alert_level: level, merchant_id: merchantId, currency } = alert;
      const subject = alertSubject(level, merchantId, currency);
      try {
        await nats.publish({ subject, id, text: eventText(alert) });
        return { kind: "delivered" };
      } catch (error) {
        return again(faultOf(error).message);
      }
    },
  };
}
