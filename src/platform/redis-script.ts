import { createHash } from "node:crypto";

import type { Redis } from "ioredis";

/** A Lua script that Redis knows by its digest. */
export interface RedisScript {
  readonly text: string;
  readonly digest: string;
}

export function scriptOf(text: string): RedisScript {
  return { text, digest: createHash("sha1").update(text).digest("hex") };
}

/** Runs it in one round trip, or in two where Redis does not know it: at first, and after a restart. */
export async function runScript(
  client: Redis,
  { text, digest }: RedisScript,
  keys: readonly string[],
  values: readonly (string | number)[],
): Promise<unknown> {
  try {
    return await client.evalsha(digest, keys.length, ...keys, ...values);
  } catch (error) {
    if (!(error instanceof Error) || !error.message.startsWith("NOSCRIPT")) throw error;
    return client.eval(text, keys.length, ...keys, ...values);
  }
}
