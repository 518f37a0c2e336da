import { flag, text, textOrNull } from "../../../shards/store/row.ts";
import type { Call, History } from "../cluster/history.ts";
import type { World } from "../cluster/world.ts";

/** What the callers were told, held against what became durable, and against one another. */
export function judgeCalls(world: World, history: History): void {
  const effects = effectsByCall(world);
  for (const call of history.calls) {
    const { said, request } = call;
    const logIds = effects.get(call.id) ?? [];
    const about = `${call.id} ${request.kind} ${request.key.text}`;
    if (said?.kind === "accepted" && !said.duplicate && !logIds.includes(said.receipt.logId)) {
      world.find(`${about} was accepted, and another call made the entry that it names`);
    }
    // A message that came twice may do what the answered one did not.
    if (world.nats.hasDoubled) continue;
    if (logIds.length > 1) world.find(`I5: ${about} took effect ${logIds.length} times`);
    if ((said?.kind === "nothing" || said?.kind === "refused") && logIds.length > 0) {
      world.find(`${about} was told ${said.code}, and took effect`);
    }
  }
  for (const calls of byKey(history.calls)) judgeOrder(world, calls);
}

/** The accepted entries that each call made. */
function effectsByCall({ archive }: World): ReadonlyMap<string, readonly string[]> {
  const effects = new Map<string, string[]>();
  for (const fact of archive.batches.flatMap(({ facts }) => facts)) {
    const call = textOrNull(fact, "trace_id");
    if (call === null || !flag(fact, "success")) continue;
    effects.set(call, [...(effects.get(call) ?? []), text(fact, "id")]);
  }
  return effects;
}

function byKey(calls: readonly Call[]): Iterable<readonly Call[]> {
  const groups = new Map<string, Call[]>();
  for (const call of calls) {
    const group = groups.get(call.request.key.text);
    if (group) group.push(call);
    else groups.set(call.request.key.text, [call]);
  }
  return groups.values();
}

/**
 * Linearizable: what is asked after an answer sees what that answer saw, or more. A key's versions are its order, so
 * the highest one answered before a call was made is the least that the call may tell of.
 */
function judgeOrder(world: World, calls: readonly Call[]): void {
  const answered = calls
    .filter(({ said }) => versionIn(said) !== null)
    .sort((a, b) => a.answeredMs - b.answeredMs);
  let next = 0;
  let floor = 0;
  for (const call of calls) {
    for (; (answered[next]?.answeredMs ?? Infinity) < call.askedMs; next += 1) {
      floor = Math.max(floor, versionIn(answered[next]?.said ?? null) ?? 0);
    }
    const { said } = call;
    if (said?.kind === "accepted" && said.duplicate) continue;
    const least = said?.kind === "accepted" ? floor + 1 : floor;
    const version = versionIn(said);
    if (version !== null && version < least) {
      world.find(
        `${call.id} ${call.request.kind} ${call.request.key.text} tells of version ${version}, asked when ${floor} was known`,
      );
    }
  }
}

function versionIn(said: Call["said"]): number | null {
  if (said?.kind === "accepted") return said.receipt.version;
  return said?.kind === "stands" || said?.kind === "refused" ? said.standing.quota.version : null;
}
