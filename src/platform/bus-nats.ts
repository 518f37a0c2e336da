import { type Bus, localBus } from "./bus.ts";
import { NatsEdge } from "./bus-nats-edge.ts";
import { type AnswerStranger, natsOwner } from "./bus-nats-owner.ts";
import type { Clock } from "./clock.ts";
import type { NatsLine } from "./nats.ts";

/** A bus that knows how many of its messages to other processes are not answered yet. */
export interface NatsBus extends Bus {
  readonly waiting: number;
}

/**
 * A bus between processes. A shard of this very process is called directly, so that it serves while NATS is away.
 * @param options.stranger answers plain asks that the server has mapped to the owner
 */
export function natsBus(options: {
  readonly nats: NatsLine;
  readonly clock: Clock;
  readonly shardCount: number;
  readonly stranger: AnswerStranger;
}): NatsBus {
  const local = localBus();
  const edge = new NatsEdge(options);
  const serve = natsOwner(options);
  return {
    get waiting() {
      return edge.waiting;
    },
    serves: (subject) => local.serves(subject),
    request: (subject, message) =>
      local.serves(subject) ? local.request(subject, message) : edge.request(subject, message),
    serve(subject, handler, owns) {
      const stops = [local.serve(subject, handler, owns), serve(subject, handler, owns)];
      return () => {
        for (const stop of stops) stop();
      };
    },
  };
}
