import { Fault } from "../wire/fault.ts";

/** Requests of one shard without an answer, waiting ones included. */
export const askedOfShardMax = 5_000;
/** The same while its owner says nothing: they find out when it does again. */
export const askedInSilenceMax = 16;

/**
 * What an edge has asked of one shard, and when it was last answered.
 *
 *     answered ──nothing for as long as a request may take──▶ silent
 *         ▲                                                     │
 *         └──────────────────any answer in time─────────────────┘
 *
 * Of a silent one few are asked, and the rest are told at once that nothing was sent, where they would wait for their
 * deadline and then not know. What is asked when a shard gets another owner is freed by the word that it moved, and
 * asks that one.
 */
export class AskedShard {
  readonly subject: string;
  readonly #silentAfterMs: number;
  #asked = 0;
  /** When it was first asked since it last answered; null = it has answered. */
  #unheardSinceMs: number | null = null;

  /** @param silentAfterMs by the monotonic clock, as all moments here */
  constructor(subject: string, silentAfterMs: number) {
    this.subject = subject;
    this.#silentAfterMs = silentAfterMs;
  }

  /** @throws Fault before anything is sent */
  begin(nowMs: number): void {
    if (this.#asked >= askedOfShardMax) throw drowning;
    if (this.#asked >= askedInSilenceMax && this.#isSilent(nowMs)) throw silent;
    this.#unheardSinceMs ??= nowMs;
    this.#asked += 1;
  }

  /** It has answered one in time. */
  hear(): void {
    this.#unheardSinceMs = null;
  }

  end(): void {
    this.#asked -= 1;
  }

  #isSilent(nowMs: number): boolean {
    return this.#unheardSinceMs !== null && nowMs - this.#unheardSinceMs > this.#silentAfterMs;
  }
}

const drowning = new Fault("OVERLOADED", "too many requests wait for the shard's owner");
const silent = new Fault(
  "SHARD_UNAVAILABLE",
  "the shard's owner does not answer: nothing was sent",
);
