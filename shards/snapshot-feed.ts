import type { KeyText } from "../src/domain/ids.ts";
import type { Limits } from "../src/domain/limits.ts";
import type { Quota } from "../src/domain/quota.ts";
import type { Snapshot } from "../src/domain/snapshot.ts";
import { snapshotText } from "../src/wire/snapshot.ts";

/** Changed keys that wait to be told; of more, lists are as late as they may be. */
const waitingKeysMax = 20_000;
/** Told in one round trip. */
const toldAtOnce = 200;

/** Where lists of others are kept up. Neither call rejects. */
export interface SnapshotSink {
  listed(merchantIds: readonly string[]): Promise<ReadonlySet<string>>;
  put(
    changed: readonly {
      readonly merchantId: string;
      readonly currency: string;
      readonly version: number;
      readonly text: string;
    }[],
  ): Promise<void>;
}

interface Changes {
  readonly byKey: Map<KeyText, Snapshot>;
  /** The last batch that any of them is in. */
  seq: number;
}

/**
 * Tells of quotas that changed, once they are in the tables: of each key what stands last. Never waits, never fails;
 * what it cannot tell is not told.
 */
export class SnapshotFeed {
  readonly #sink: SnapshotSink;
  #collecting: Changes = { byKey: new Map(), seq: 0 };
  /** Collects no more, so that a key that changes in every batch is told nevertheless. */
  #waiting: Changes | undefined;
  #isTelling = false;

  constructor(sink: SnapshotSink) {
    this.#sink = sink;
  }

  /** A change that is in the batch `seq` of the journal. */
  changed(seq: number, quota: Quota, limits: Limits): void {
    const { byKey } = this.#collecting;
    if (byKey.size >= waitingKeysMax && !byKey.has(quota.key.text)) return;
    byKey.set(quota.key.text, { quota, limits });
    this.#collecting.seq = seq;
  }

  /** The tables have all batches up to `seq`. */
  written(seq: number): void {
    if (this.#isTelling) return;
    if (this.#waiting === undefined && this.#collecting.byKey.size > 0) {
      this.#waiting = this.#collecting;
      this.#collecting = { byKey: new Map(), seq: 0 };
    }
    if (this.#waiting === undefined || this.#waiting.seq > seq) return;
    const told = [...this.#waiting.byKey.values()];
    this.#waiting = undefined;
    this.#isTelling = true;
    void this.#tell(told).finally(() => {
      this.#isTelling = false;
    });
  }

  /** Most merchants are not listed now: only those that are cost more than the question. */
  async #tell(changed: readonly Snapshot[]): Promise<void> {
    for (let from = 0; from < changed.length; from += toldAtOnce) {
      const part = changed.slice(from, from + toldAtOnce);
      const listed = await this.#sink.listed(part.map(({ quota }) => quota.key.merchantId));
      const wanted = part.filter(({ quota }) => listed.has(quota.key.merchantId));
      if (wanted.length > 0) await this.#sink.put(wanted.map(sharedOf));
    }
  }
}

function sharedOf(snapshot: Snapshot) {
  const { key, version } = snapshot.quota;
  const { merchantId, currency } = key;
  return { merchantId, currency, version, text: snapshotText(snapshot) };
}
