import type { Quota } from "../../src/domain/quota.ts";
import { orderKeyOf } from "../../src/domain/order.ts";
import type { Entry } from "../entry.ts";
import { encode } from "./encode.ts";
import { alertImage, type Image, logImage, orderImage, quotaImage } from "./image.ts";

/** Told when a batch is durable, or why it is not. */
export type Waiter = (failed: Error | null) => void;

/**
 * What one group commit will write: every entry as a log row, and of each quota and order only how it ends.
 */
export class Batch {
  readonly seq: number;
  readonly waiters: Waiter[] = [];
  readonly #facts: Entry[] = [];
  readonly #quotas = new Map<string, { readonly quota: Quota; readonly entry: Entry }>();
  readonly #orders = new Map<string, () => Image>();
  readonly #alerts: Image[] = [];

  constructor(seq: number) {
    this.seq = seq;
  }

  get facts(): number {
    return this.#facts.length;
  }

  add(entry: Entry): void {
    this.#facts.push(entry);
    if (entry.result.kind === "refused") return;
    const { after, order, alerts } = entry.result;
    this.#quotas.set(after.key.text, { quota: after, entry });
    if (order) {
      this.#orders.set(orderKeyOf(after.key, order.ref), () => orderImage(order, after, entry));
    }
    for (const alert of alerts) this.#alerts.push(alertImage(alert, entry, after));
  }

  /** The columns of the journal row: facts, quotas, orders, alerts. */
  columns(): readonly [facts: string, quotas: string, orders: string, alerts: string] {
    const quotas = Array.from(this.#quotas.values(), ({ quota, entry }) =>
      quotaImage(quota, entry),
    );
    const orders = Array.from(this.#orders.values(), (image) => image());
    return [
      encode(this.#facts.map(logImage)),
      encode(quotas),
      encode(orders),
      encode(this.#alerts),
    ];
  }

  /** Tells every waiter, once. */
  settle(failed: Error | null): void {
    for (const waiter of this.waiters.splice(0)) waiter(failed);
  }
}
