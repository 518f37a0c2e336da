/** A transaction, as far as rows know it: it reads as of so many commits, and holds locks. */
export interface Reader {
  readonly snapshot: number;
}

interface Version<T> {
  /** null = the row was deleted. */
  readonly row: T | null;
  /** The commit that made it. */
  readonly since: number;
  readonly older: Version<T> | null;
}

export type LockMode = "share" | "update";

interface Waiter {
  readonly transaction: Reader;
  readonly mode: LockMode;
  readonly granted: () => void;
}

/** The place of one row: its committed versions, what a transaction is making of it, and who has it locked. */
export class Slot<T> {
  #version: Version<T> | null = null;
  #draft: { readonly row: T | null } | null = null;
  #owner: Reader | null = null;
  readonly #sharers = new Set<Reader>();
  readonly #waiters: Waiter[] = [];

  /** As a statement sees it that began after so many commits. */
  seenBy(transaction: Reader): T | null {
    if (this.#draft && this.#owner === transaction) return this.#draft.row;
    let version = this.#version;
    while (version && version.since > transaction.snapshot) version = version.older;
    return version?.row ?? null;
  }

  /** As the holder of a lock finds it. */
  latest(transaction: Reader): T | null {
    if (this.#draft && this.#owner === transaction) return this.#draft.row;
    return this.#version?.row ?? null;
  }

  write(row: T | null): void {
    this.#draft = { row };
  }

  isFreeFor(transaction: Reader, mode: LockMode): boolean {
    if (this.#owner) return this.#owner === transaction;
    if (mode === "share") return true;
    return this.#sharers.size === 0 || (this.#sharers.size === 1 && this.#sharers.has(transaction));
  }

  /** Whoever has it to himself has it again, whoever waits. */
  isOwnedBy(transaction: Reader): boolean {
    return this.#owner === transaction;
  }

  get isContended(): boolean {
    return this.#waiters.length > 0;
  }

  give(transaction: Reader, mode: LockMode): void {
    if (mode === "update") this.#owner = transaction;
    else this.#sharers.add(transaction);
  }

  wait(waiter: Waiter): () => void {
    this.#waiters.push(waiter);
    return () => {
      const at = this.#waiters.indexOf(waiter);
      if (at >= 0) this.#waiters.splice(at, 1);
      this.#grant();
    };
  }

  /** @param since the commit, or null when what was written is thrown away */
  release(transaction: Reader, since: number | null): void {
    if (this.#owner === transaction) {
      if (this.#draft && since !== null) {
        this.#version = { row: this.#draft.row, since, older: this.#version };
      }
      this.#draft = null;
      this.#owner = null;
    }
    this.#sharers.delete(transaction);
    this.#grant();
  }

  /** Nobody needs the older versions any more. @returns whether there is no row here, and nobody at it */
  prune(): boolean {
    if (this.#version?.older) this.#version = { ...this.#version, older: null };
    const isIdle = !this.#owner && this.#sharers.size === 0 && this.#waiters.length === 0;
    return isIdle && (this.#version === null || this.#version.row === null);
  }

  /** In the order in which they came. */
  #grant(): void {
    for (;;) {
      const [first] = this.#waiters;
      if (!first || !this.isFreeFor(first.transaction, first.mode)) return;
      this.#waiters.shift();
      this.give(first.transaction, first.mode);
      first.granted();
    }
  }
}

/** Rows by their primary key. */
export class Table<T> {
  readonly #slots = new Map<string, Slot<T>>();

  slot(key: string): Slot<T> {
    let slot = this.#slots.get(key);
    if (!slot) {
      slot = new Slot();
      this.#slots.set(key, slot);
    }
    return slot;
  }

  find(key: string, transaction: Reader): T | null {
    return this.#slots.get(key)?.seenBy(transaction) ?? null;
  }

  /** Every row that a statement sees, with its key. */
  *rows(transaction: Reader): Iterable<readonly [key: string, row: T]> {
    for (const [key, slot] of this.#slots) {
      const row = slot.seenBy(transaction);
      if (row !== null) yield [key, row];
    }
  }

  prune(key: string): void {
    if (this.#slots.get(key)?.prune() === true) this.#slots.delete(key);
  }
}
