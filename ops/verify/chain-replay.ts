import type { Findings } from "./findings.ts";
import type { LogEntry } from "./log-entry.ts";
import type { Mismatch } from "./mismatch.ts";

/** Where a chain ends, as log_heads has it. */
export interface ChainHead {
  readonly entries: number;
  /** In hexadecimal. */
  readonly hash: string;
}

/** Whose chain it is, and what may be missing at its beginning. */
export interface ChainOptions {
  readonly shard: number;
  readonly key: string;
  /** Entries of this key may have been dropped as old. */
  readonly mayBeCut: boolean;
  readonly findings: Findings;
}

/**
 * The chain of one key, from its first entry to its head. Each entry has its number and the hash of the chain before
 * it; over these and its own content Postgres has made the hash that the next one has to have before it, and the head
 * after the last. So an entry that was changed is told by the one behind it.
 *
 * Outside are entries from before there was a chain, and the journal's tail.
 */
export class ChainReplay {
  readonly #options: ChainOptions;
  #last: LogEntry | null = null;
  #end: ChainHead | null = null;

  constructor(options: ChainOptions) {
    this.#options = options;
  }

  /** @param entry of this key, in the order of the chain */
  add(entry: LogEntry): void {
    const { link } = entry;
    if (link === null) {
      this.#addUnchained(entry);
      return;
    }
    const end = this.#end ?? this.#begin(link.no - 1, link.before);
    if (link.no !== end.entries + 1) {
      const numbers = { expected: String(end.entries + 1), found: String(link.no) };
      this.#say("chain_broken", { what: "chain_no", ...numbers }, entry);
      // A second entry of a number stands beside the chain; one behind a gap goes on with it.
      if (link.no <= end.entries) return;
    } else if (link.before !== end.hash) {
      this.#sayAltered(link.before, end.hash, this.#last ?? entry);
    }
    this.#last = entry;
    this.#end = { entries: link.no, hash: link.after };
  }

  /** @param head null = there is none */
  finish(head: ChainHead | null): void {
    if (head === null && this.#end === null) return;
    const end = this.#end ?? (head && this.#begin(head.entries, head.hash));
    if (end?.entries !== head?.entries) {
      const numbers = {
        expected: head === null ? null : String(head.entries),
        found: end === null ? null : String(end.entries),
      };
      this.#say("chain_broken", { what: "entries of the chain", ...numbers }, null);
    } else if (head !== null && end !== null && head.hash !== end.hash) {
      this.#sayAltered(head.hash, end.hash, this.#last);
    }
  }

  /** What stood before the first entry that is there. */
  #begin(entries: number, hash: string): ChainHead {
    const start = { entries: 0, hash: "" };
    if (entries === 0 || !this.#options.mayBeCut) return start;
    this.#options.findings.leftOut("entries_dropped_from_chains", entries);
    return { entries, hash };
  }

  #addUnchained(entry: LogEntry): void {
    if (entry.isInTail) return;
    if (this.#end === null) this.#options.findings.leftOut("entries_before_the_chain", 1);
    else this.#say("entry_unchained", { what: "chain_no", expected: null, found: null }, entry);
  }

  #sayAltered(expected: string, found: string, entry: LogEntry | null): void {
    this.#say("entry_altered", { what: "hash", expected, found }, entry);
  }

  #say(
    kind: Mismatch["kind"],
    difference: Pick<Mismatch, "what" | "expected" | "found">,
    entry: LogEntry | null,
  ): void {
    const { shard, key, findings } = this.#options;
    const of = { order: entry?.orderNo ?? null, id: entry?.id ?? null };
    findings.add({ kind, shard, key, ...of, ...difference });
  }
}
