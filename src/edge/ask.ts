import type { Command, Question } from "../domain/command.ts";
import { instant } from "../domain/instant.ts";
import { orderRefOf } from "../domain/order.ts";
import type { Outcome } from "../domain/outcome.ts";
import type { Bus } from "../platform/bus.ts";
import type { Clock } from "../platform/clock.ts";
import { Fault, faultOf } from "../wire/fault.ts";
import type { Ask, Message } from "../wire/message.ts";
import { shardOf } from "../wire/placement.ts";
import { shardSubject } from "../wire/subject.ts";
import { AskedShard } from "./asked-shard.ts";

/** Waits before a request is sent again: about doubled each time, up to the longest. */
const retryMs = { first: 5, longest: 200 } as const;

/**
 * Sends each request to the owner of its key, and again while its deadline lasts where that is safe:
 *
 * - `SHARD_UNAVAILABLE` says that nothing happened. The same command is sent again.
 * - `OUTCOME_UNKNOWN` is asked again only with the same number, under which a command has one effect however often it
 *   arrives; adjustments without one, reset, suspend and resume are not. An acceptance is then the truth. A refusal is
 *   not: the first sending may still be on its way and be accepted after it, so it stays unknown.
 *
 * Everything else, and what the deadline ends, is the caller's. No request is sent twice at once. An owner that drowns,
 * or says nothing for as long as a request may take, is not asked for more: see `AskedShard`.
 */
export function createAsk(options: {
  readonly bus: Bus;
  readonly clock: Clock;
  readonly shardCount: number;
  readonly requestTimeoutMs: number;
  readonly random: () => number;
  /** Whether this process is ending: what it cannot do now it will not be able to do. */
  readonly closing: () => boolean;
}): Ask {
  const { bus, clock, shardCount, requestTimeoutMs, random, closing } = options;
  const shards = Array.from(
    { length: shardCount },
    (_, shard) => new AskedShard(shardSubject(shard), requestTimeoutMs),
  );

  const shardFor = (request: Command | Question): AskedShard => {
    const shard = shards[shardOf(request.key, shardCount)];
    if (!shard) throw new Error("a key has a shard");
    return shard;
  };

  const askUntil = async (message: Message): Promise<Outcome> => {
    const shard = shardFor(message.request);
    const beganMs = clock.elapsedMs();
    shard.begin(beganMs);
    const dueMs = beganMs + (message.deadline - clock.now());
    let waitMs: number = retryMs.first;
    let unknown: Fault | null = null;
    try {
      for (;;) {
        const answer = await bus.request(shard.subject, message).catch(faultOf);
        const nowMs = clock.elapsedMs();
        // What comes at the deadline is the end of waiting, whoever says it.
        if (nowMs < dueMs) shard.hear();
        if (!(answer instanceof Fault)) {
          if (!unknown || answer.kind !== "refused") return answer;
          throw unknown;
        }
        if (answer.code === "OUTCOME_UNKNOWN") unknown = answer;
        const pauseMs = waitMs * (0.5 + random());
        const isInTime = nowMs + pauseMs < dueMs && !closing();
        if (!isInTime || !mayAskAgain(answer, message.request)) throw unknown ?? answer;
        await pause(clock, pauseMs);
        waitMs = Math.min(waitMs * 2, retryMs.longest);
      }
    } finally {
      shard.end();
    }
  };

  return (request, trace, deadline = instant(clock.now() + requestTimeoutMs)) =>
    askUntil({ request, deadline, trace });
}

function mayAskAgain({ code, lasting }: Fault, request: Command | Question): boolean {
  if (lasting) return false;
  if (code === "SHARD_UNAVAILABLE") return true;
  return code === "OUTCOME_UNKNOWN" && isRepeatable(request);
}

/** Whether a request may arrive twice: it has one effect by its number, or none at all. */
function isRepeatable(request: Command | Question): boolean {
  const { kind } = request;
  if (kind === "check" || kind === "get" || kind === "refresh") return true;
  return orderRefOf(request) !== null;
}

function pause(clock: Clock, delayMs: number): Promise<void> {
  return new Promise((resolve) => {
    clock.after(delayMs, resolve);
  });
}
