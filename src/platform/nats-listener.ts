import type { NatsConnection } from "@nats-io/transport-node";

import { type Heard, heardOf } from "./nats-heard.ts";

/** A subscription that is made again with every connection. */
export interface Listener {
  readonly subject: string;
  readonly queue: string | undefined;
  readonly hear: (heard: Heard) => void;
  live: ReturnType<NatsConnection["subscribe"]> | null;
}

/** A subscription outlives a lost line: the client makes it again when it has reconnected. */
export function listenOn(connection: NatsConnection, listener: Listener): void {
  const { subject, queue, hear } = listener;
  listener.live = connection.subscribe(subject, {
    ...(queue === undefined ? {} : { queue }),
    callback: (error, message) => {
      if (error === null) hear(heardOf(message));
    },
  });
}
