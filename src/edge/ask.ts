import { instant } from "../domain/instant.ts";
import type { Bus } from "../platform/bus.ts";
import type { Clock } from "../platform/clock.ts";
import type { Ask } from "../wire/message.ts";
import { shardOf } from "../wire/placement.ts";
import { shardSubject } from "../wire/subject.ts";

/** Sends each request to the owner of its key, with a deadline. Keeps no state. */
export function createAsk(options: {
  readonly bus: Bus;
  readonly clock: Clock;
  readonly shardCount: number;
  readonly requestTimeoutMs: number;
}): Ask {
  const { bus, clock, shardCount, requestTimeoutMs } = options;
  const subjects = Array.from({ length: shardCount }, (_, shard) => shardSubject(shard));
  return (request, trace) => {
    const shard = shardOf(request.key, shardCount);
    const deadline = instant(clock.now() + requestTimeoutMs);
    return bus.request(subjects[shard] ?? shardSubject(shard), { request, deadline, trace });
  };
}
