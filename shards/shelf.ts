import type { Order } from "../src/domain/order.ts";

/**
 * The orders whose last change is durable but not yet in the tables: the tables would answer with what they were
 * before. All other orders are looked up when they are asked for.
 */
export class Shelf {
  readonly #orders = new Map<string, { readonly order: Order; readonly seq: number }>();
  #changes: { readonly orderKey: string; readonly seq: number }[] = [];

  get(orderKey: string): Order | undefined {
    return this.#orders.get(orderKey)?.order;
  }

  /** Keeps an order that batch `seq` changes. */
  put(orderKey: string, order: Order, seq: number): void {
    this.#orders.set(orderKey, { order, seq });
    this.#changes.push({ orderKey, seq });
  }

  /** The tables are complete up to a batch: orders that no later one changes are let go. */
  letGo(seq: number): void {
    let done = 0;
    for (const change of this.#changes) {
      if (change.seq > seq) break;
      done += 1;
      const kept = this.#orders.get(change.orderKey);
      if (kept && kept.seq <= seq) this.#orders.delete(change.orderKey);
    }
    this.#changes = this.#changes.slice(done);
  }
}
