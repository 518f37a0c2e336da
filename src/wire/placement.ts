import type { Key } from "../domain/ids.ts";

const offsetBasis = 0x811c9dc5;
const prime = 0x01000193;

/**
 * The shard that owns a key: FNV-1a 32 of merchant id then currency, modulo the count, as the NATS server's
 * `partition()` computes it.
 * @param shardCount 1 … 4096, fixed for the life of a cluster (ADR 0001)
 * @returns 0 … shardCount - 1; never throws
 */
export function shardOf(key: Key, shardCount: number): number {
  return hash(key.currency, hash(key.merchantId, offsetBasis)) % shardCount;
}

/** Both parts are ASCII, so a UTF-16 unit is a byte. */
function hash(text: string, seed: number): number {
  let sum = seed;
  for (let i = 0; i < text.length; i++) sum = Math.imul(sum ^ text.charCodeAt(i), prime) >>> 0;
  return sum >>> 0;
}
