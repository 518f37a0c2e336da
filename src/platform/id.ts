import { randomFillSync } from "node:crypto";

import { v7 } from "uuid";

import type { Clock } from "./clock.ts";

/** Random bytes are fetched for so many ids at a time: asking for 16 costs as much as asking for 4,096. */
const idsOfPool = 256;
const bytesOfId = 16;
const seqMax = 2 ** 32 - 1;

/**
 * Makes UUIDs of version 7 (RFC 9562) that rise in the order in which this process makes them, also within a
 * millisecond and when the clock jumps back.
 */
export function idSource(clock: Clock): () => string {
  const pool = new Uint8Array(idsOfPool * bytesOfId);
  let used = pool.length;
  let msecs = 0;
  let seq = 0;
  return () => {
    if (used === pool.length) {
      randomFillSync(pool);
      used = 0;
    }
    const random = pool.subarray(used, used + bytesOfId);
    used += bytesOfId;
    const now = clock.now();
    if (now > msecs || seq === seqMax) {
      msecs = Math.max(now, msecs + 1);
      seq = (random[6] ?? 0) * 2 ** 20; // leaves room to count up
    } else {
      seq += 1;
    }
    return v7({ random, msecs, seq });
  };
}
