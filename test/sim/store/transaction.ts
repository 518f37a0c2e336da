import type { Cancel } from "../../../src/platform/clock.ts";
import type { LockMode, Slot, Table } from "./table.ts";
import { sqlError } from "./sql-error.ts";

/** `statement_timeout` of the server: a statement that waits for a lock longer is cancelled. */
const lockWaitMaxMs = 6_000;

/** What a transaction needs of the store around it. */
export interface Commits {
  /** How many there were. */
  count: number;
  /** Statements that wait for a lock, and read as of their beginning when they go on. */
  waiting: number;
  readonly after: (delayMs: number, run: () => void) => Cancel;
}

interface Held {
  readonly release: (since: number | null) => void;
  readonly prune: () => void;
}

/**
 * A transaction as Postgres has them by default (read committed): each statement sees what was committed before it
 * began, a row that it locks as it is when it gets the lock, and what the transaction itself has written.
 */
export class Transaction {
  /** now() of the database, the same through the whole of it. */
  readonly nowMs: number;
  snapshot = 0;
  readonly #commits: Commits;
  readonly #held = new Map<object, Held>();
  #giveUp: ((error: Error) => void) | null = null;
  #over = false;

  constructor(commits: Commits, nowMs: number) {
    this.#commits = commits;
    this.nowMs = nowMs;
    this.beginStatement();
  }

  beginStatement(): void {
    this.snapshot = this.#commits.count;
  }

  /** `for share` or `for update` of a row. @returns it, as it is now; null = there is none */
  async lock<T>(table: Table<T>, key: string, mode: LockMode): Promise<T | null> {
    if (this.#over) throw connectionGone();
    const slot = table.slot(key);
    const waits = slot.isContended || !slot.isFreeFor(this, mode);
    if (waits && !slot.isOwnedBy(this)) {
      await this.#wait(slot, mode);
      // It may have ended in the moment in which it got the lock.
      if (this.#isOver()) {
        slot.release(this, null);
        throw connectionGone();
      }
    } else {
      slot.give(this, mode);
    }
    this.#hold(table, key, slot);
    return slot.latest(this);
  }

  /** `for update skip locked`: takes the lock if nobody has it. */
  locksNow<T>(table: Table<T>, key: string): boolean {
    const slot = table.slot(key);
    if (slot.isContended || !slot.isFreeFor(this, "update")) return false;
    slot.give(this, "update");
    this.#hold(table, key, slot);
    return true;
  }

  /** Changes a row; waits for its lock unless this transaction has it. @param row null deletes it */
  async write<T>(table: Table<T>, key: string, row: T | null): Promise<void> {
    await this.lock(table, key, "update");
    table.slot(key).write(row);
  }

  commit(): void {
    this.#end(true);
  }

  /** A statement of it that waits fails. */
  rollback(): void {
    this.#end(false);
  }

  #end(kept: boolean): void {
    if (this.#over) return;
    this.#over = true;
    this.#giveUp?.(connectionGone());
    if (kept) this.#commits.count += 1;
    const since = kept ? this.#commits.count : null;
    for (const { release } of this.#held.values()) release(since);
    if (this.#commits.waiting === 0) for (const { prune } of this.#held.values()) prune();
    this.#held.clear();
  }

  async #wait<T>(slot: Slot<T>, mode: LockMode): Promise<void> {
    this.#commits.waiting += 1;
    try {
      await new Promise<void>((resolve, reject) => {
        let cancel: Cancel = () => undefined;
        const granted = (): void => {
          cancel();
          resolve();
        };
        const leave = slot.wait({ transaction: this, mode, granted });
        this.#giveUp = (error) => {
          cancel();
          leave();
          reject(error);
        };
        cancel = this.#commits.after(lockWaitMaxMs, () => {
          this.#giveUp?.(sqlError("57014", "canceling statement due to statement timeout"));
        });
      });
    } finally {
      this.#giveUp = null;
      this.#commits.waiting -= 1;
    }
  }

  #isOver(): boolean {
    return this.#over;
  }

  #hold<T>(table: Table<T>, key: string, slot: Slot<T>): void {
    if (this.#held.has(slot)) return;
    this.#held.set(slot, {
      release: (since) => {
        slot.release(this, since);
      },
      prune: () => {
        table.prune(key);
      },
    });
  }
}

function connectionGone(): Error {
  return sqlError("57P01", "the connection is gone");
}
