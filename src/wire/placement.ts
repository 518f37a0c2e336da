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

/**
 * How much a shard belongs to a node, for rendezvous hashing: the shard's first choice is the node with the highest.
 * FNV-1a of the node's name and the shard's number, stirred by the finaliser of MurmurHash3: by FNV alone names that
 * differ in their last letter stay close together, and a few nodes would get most of the shards.
 * @returns 0 … 2^32 - 1; never throws
 */
export function affinity(node: string, shard: number): number {
  return stirred(hash(`:${shard}`, hash(node, offsetBasis)));
}

/** Each bit in changes every bit out with a chance of a half. */
function stirred(sum: number): number {
  let bits = Math.imul(sum ^ (sum >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return (bits ^ (bits >>> 16)) >>> 0;
}

/** Of ASCII, whose UTF-16 units are its bytes. */
function hash(text: string, seed: number): number {
  let sum = seed;
  for (let i = 0; i < text.length; i++) sum = Math.imul(sum ^ text.charCodeAt(i), prime) >>> 0;
  return sum >>> 0;
}
