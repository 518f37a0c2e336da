import { LRUCache } from "lru-cache";
import type { Order } from "../src/domain/order.ts";

/** Orders kept in memory beyond need, for the releases and repeats that tend to follow soon. */
const recentOrdersMax = 50_000;

/**
 * The orders of a node that are in memory.
 *
 * Invariant: an order that was changed by a batch which is not in the tables yet stays here; the tables would answer
 * with what it was before.
 */
export class Shelf {
  readonly #recent = new LRUCache<string, Order>({ max: recentOrdersMax });
  readonly #unwritten = new Map<string, { readonly order: Order; readonly seq: number }>();
  #changes: { readonly key: string; readonly seq: number }[] = [];

  get(orderKey: string): Order | undefined {
    return this.#unwritten.get(orderKey)?.order ?? this.#recent.get(orderKey);
  }

  /** Keeps an order that batch `seq` changes. */
  put(orderKey: string, order: Order, seq: number): void {
    this.#unwritten.set(orderKey, { order, seq });
    this.#changes.push({ key: orderKey, seq });
  }

  /** The tables are complete up to a batch: what it changed last may go. */
  letGo(seq: number): void {
    let done = 0;
    for (const change of this.#changes) {
      if (change.seq > seq) break;
      done += 1;
      const kept = this.#unwritten.get(change.key);
      if (!kept || kept.seq > seq) continue;
      this.#unwritten.delete(change.key);
      this.#recent.set(change.key, kept.order);
    }
    this.#changes = this.#changes.slice(done);
  }
}
