import type { Key } from "../domain/ids.ts";
import { type Instant, instant } from "../domain/instant.ts";
import type { RedisLine } from "./redis.ts";

/** Kept no longer, whatever is asked: long enough to survive a policy service that is away for weeks. */
const keepMaxMs = 30 * 86_400_000;
/** A longer policy is not shared. */
const policyCharactersMax = 16_384;

/** The policies last fetched, shared between nodes. A miss says nothing: not that a key has no policy. */
export interface PolicyShare {
  /** Never rejects. */
  get(key: Key): Promise<{ readonly policy: string; readonly fetchedAt: Instant } | null>;
  /**
   * Never rejects.
   * @param keepMs over 30 days are 30 days
   */
  put(key: Key, policyText: string, fetchedAt: Instant, keepMs: number): Promise<void>;
}

/** Keys `quota:policy:<merchant>:<currency>`; values are the time of the fetch, in ms since 1970, a space, and the text. */
export function policyShare(redis: RedisLine): PolicyShare {
  return {
    get: async (key) => {
      const value = await redis.use((client) => client.get(nameOf(key)));
      const [, fetchedMs, policy] = /^([0-9]{1,15}) (.*)$/s.exec(value ?? "") ?? [];
      if (fetchedMs === undefined || policy === undefined) return null;
      return { policy, fetchedAt: instant(Number(fetchedMs)) };
    },
    put: async (key, policyText, fetchedAt, keepMs) => {
      if (policyText.length > policyCharactersMax) return;
      const keptMs = Math.max(1, Math.ceil(Math.min(keepMs, keepMaxMs)));
      await redis.use((client) =>
        client.set(nameOf(key), `${fetchedAt} ${policyText}`, "PX", keptMs),
      );
    },
  };
}

/** A merchant id holds no colon. */
function nameOf({ merchantId, currency }: Key): string {
  return `quota:policy:${merchantId}:${currency}`;
}
