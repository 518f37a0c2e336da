import type { Body } from "../support/load-clients.ts";
import { type Intent, isDecision, type Observed } from "./gateways.ts";

/** An intent that was done, and when that was asked and told. */
export interface Done {
  readonly intent: Intent;
  readonly version: number;
  readonly firstSentMs: number;
  /** From then on a client knew of it; Infinity if none was told. */
  readonly knownMs: number;
}

/** Of one key: what stands before something that a client already knew of when it asked for it. */
export function outOfTime(done: readonly Done[]): readonly string[] {
  const known = [...done].sort((a, b) => a.knownMs - b.knownMs);
  const found: string[] = [];
  let last: Done | null = null;
  let next = 0;
  for (const each of [...done].sort((a, b) => a.firstSentMs - b.firstSentMs)) {
    for (; next < known.length; next += 1) {
      const earlier = known[next];
      if (earlier === undefined || earlier.knownMs >= each.firstSentMs) break;
      if (last === null || earlier.version > last.version) last = earlier;
    }
    if (last === null || last.version < each.version) continue;
    const [name, before] = [each, last].map(
      ({ intent }) => `${intent.orderNo} ${intent.operation}`,
    );
    found.push(
      `${String(name)}: is version ${each.version}, and ${String(before)}, acknowledged before it was asked for, is ${last.version}`,
    );
  }
  return found;
}

/**
 * Refusals of one key that no moment between their asking and their coming accounts for. Only limits may refuse here:
 * nothing else is ever asked of an order that was not acknowledged.
 * @param chain the key's entries, in the order of versions
 */
export function unfounded(
  intents: readonly Intent[],
  done: readonly Done[],
  chain: readonly Body[],
): readonly string[] {
  return intents.flatMap((intent) =>
    intent.observed
      .filter((each) => isDecision(each) && each.answer.verdict === "refused")
      .filter((refusal) => !isFounded(intent, refusal, done, chain))
      .map(
        ({ answer: { status, body } }) =>
          `${intent.orderNo} ${intent.operation}: was refused without a reason, ${String(status)} ${JSON.stringify(body)}`,
      ),
  );
}

function isFounded(
  { operation }: Intent,
  { answer: { body }, sentMs, answeredMs }: Observed,
  done: readonly Done[],
  chain: readonly Body[],
): boolean {
  const { limit, used, reserved, requested } = body;
  if (operation !== "consume" && operation !== "reserve") return false;
  if (body["code"] !== "DAILY_LIMIT_EXCEEDED") return false;
  if (Number(used) + Number(reserved) + Number(requested) <= Number(limit)) return false;
  const before = done.filter(({ knownMs }) => knownMs < sentMs).map(({ version }) => version);
  const after = done
    .filter(({ firstSentMs }) => firstSentMs > answeredMs)
    .map(({ version }) => version);
  const least = Math.max(0, ...before);
  const most = Math.min(chain.length, ...after.map((version) => version - 1));
  for (let version = least; version <= most; version += 1) {
    const entry = chain[version - 1];
    const stood = [entry?.["daily_used_after"] ?? 0, entry?.["reserved_after"] ?? 0];
    if (stood[0] === used && stood[1] === reserved) return true;
  }
  return false;
}
