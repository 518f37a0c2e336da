import type { OwnedRequest, Stretch } from "../src/platform/tracer.ts";
import type { Waiting } from "./waiting.ts";

/**
 * A request's time at its owner, for its trace.
 * @param lastCommit the journal's last one when the request was answered: the one that it waited for, or one from
 *   before its turn, and then it waited for none
 * @returns null when nobody traces the request
 */
export function ownedRequest(
  { message, shard, arrivedMs, turned: turn }: Waiting,
  outcome: string,
  lastCommit: Stretch | null,
  answeredMs: number,
): OwnedRequest | null {
  const { trace, request } = message;
  if (trace === undefined) return null;
  const isWaitedFor = turn !== null && lastCommit !== null && lastCommit.untilMs >= turn.untilMs;
  return {
    trace,
    action: request.kind,
    key: request.key,
    shard: shard.id,
    outcome,
    arrivedMs,
    answeredMs,
    turn,
    commit: isWaitedFor ? lastCommit : null,
  };
}
