import type { Ask } from "./ask.ts";

/** What came of a change: counted · certainly not · nobody can say yet. */
export type Outcome = "applied" | "refused" | "unknown";

/**
 * What the service has acknowledged, by merchant, and what it has left open.
 *
 * Invariant: every change that was sent is settled as applied or refused, or stands in `open`, never in two of them.
 */
export class Ledger {
  readonly #takenBy = new Map<string, bigint>();
  readonly #open = new Set<Ask>();

  /** @param merchantId counted with nothing from its first call on, so that it is checked too */
  note(ask: Ask, outcome: Outcome): void {
    const taken = this.#takenBy.get(ask.merchantId) ?? 0n;
    this.#takenBy.set(ask.merchantId, outcome === "applied" ? taken + change(ask) : taken);
    if (change(ask) === 0n) return;
    if (outcome === "unknown") this.#open.add(ask);
    else this.#open.delete(ask);
  }

  /** Changes of which nobody can say yet whether they count. */
  get open(): readonly Ask[] {
    return [...this.#open];
  }

  get merchants(): readonly string[] {
    return [...this.#takenBy.keys()];
  }

  /** Acknowledged consumes minus acknowledged releases, in minor units. */
  takenBy(merchantId: string): bigint {
    return this.#takenBy.get(merchantId) ?? 0n;
  }
}

function change({ op, amount }: Ask): bigint {
  if (op === "check") return 0n;
  return op === "consume" ? BigInt(amount) : -BigInt(amount);
}
