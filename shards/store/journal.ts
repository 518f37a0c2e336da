import type { Session } from "../../src/platform/database.ts";
import type { Clock } from "../../src/platform/clock.ts";
import type { Stretch } from "../../src/platform/tracer.ts";
import { Fault, faultOf } from "../../src/wire/fault.ts";
import type { Entry } from "../entry.ts";
import type { Meter } from "../ports.ts";
import { Batch, type Waiter } from "./batch.ts";
import { commitBatch } from "./sql.ts";

/** Facts in a batch, give or take those of one turn. */
const batchFactsMax = 1_000;

/**
 * A writer's journal: the only way by which anything becomes durable.
 *
 *     open batch ──flush──▶ on its way ──▶ durable        (its waiters are released)
 *          │                    └──────▶ lost             (fenced, or nobody can say: the writer is finished)
 *          └── takes entries while another batch is on its way: that is the group commit
 *
 * Invariant: one commit at a time, in order of seq; after the first that fails there is none.
 */
export class Journal {
  readonly #session: Session;
  readonly #clock: Clock;
  readonly #meter: Meter;
  readonly #writerId: bigint;
  readonly #onDurable: (seq: number, facts: number) => void;
  readonly #onLost: (fault: Fault) => void;
  #open = new Batch(1);
  /** When the open batch took its first entry. */
  #openedMs = 0;
  #onItsWay: Batch | null = null;
  #durableSeq = 0;
  #lastCommit: Stretch | null = null;
  #lost: Fault | null = null;
  #roomWaiters: (() => void)[] = [];

  constructor(options: {
    readonly session: Session;
    readonly clock: Clock;
    readonly meter: Meter;
    readonly writerId: bigint;
    readonly onDurable: (seq: number, facts: number) => void;
    readonly onLost: (fault: Fault) => void;
  }) {
    this.#session = options.session;
    this.#clock = options.clock;
    this.#meter = options.meter;
    this.#writerId = options.writerId;
    this.#onDurable = options.onDurable;
    this.#onLost = options.onLost;
  }

  /** Up to which batch all is durable. */
  get durableSeq(): number {
    return this.#durableSeq;
  }

  /** When the last batch was committed. */
  get lastCommit(): Stretch | null {
    return this.#lastCommit;
  }

  /** The open batch holds as much as one commit should: no further turn before it is on its way. */
  get isFull(): boolean {
    return this.#open.facts >= batchFactsMax;
  }

  /** Takes an entry into the open batch. @returns the batch, to wait for */
  record(entry: Entry): number {
    if (this.#open.facts === 0) this.#openedMs = this.#clock.elapsedMs();
    this.#open.add(entry);
    return this.#open.seq;
  }

  /** Calls back when the batch is durable or lost; at once when that is known. */
  whenDurable(seq: number, waiter: Waiter): void {
    if (this.#lost && seq > this.#durableSeq) waiter(this.#lost);
    else if (seq <= this.#durableSeq) waiter(null);
    else if (this.#onItsWay && seq <= this.#onItsWay.seq) this.#onItsWay.waiters.push(waiter);
    else this.#open.waiters.push(waiter);
  }

  /** Sends the open batch, if there is one and none is on its way. */
  flush(): void {
    if (this.#lost || this.#onItsWay || this.#open.facts === 0) return;
    const batch = this.#open;
    this.#onItsWay = batch;
    this.#open = new Batch(batch.seq + 1);
    void this.#commit(batch);
  }

  /**
   * Resolves once there is room for more turns; null = there is. Turns go on while a batch is on its way: whatever was
   * decided by then goes with the next one, and nobody waits for two commits.
   */
  room(): Promise<void> | null {
    if (!this.#onItsWay || !this.isFull || this.#lost) return null;
    return new Promise((resolve) => {
      this.#roomWaiters.push(resolve);
    });
  }

  /** Resolves when all that was recorded is durable. @throws Fault when the writer is lost */
  drain(): Promise<void> {
    return this.durable(this.#open.facts > 0 ? this.#open.seq : this.#open.seq - 1);
  }

  /** Resolves when a batch is durable. @throws Fault when the writer is lost */
  async durable(seq: number): Promise<void> {
    this.flush();
    await new Promise<void>((resolve, reject) => {
      this.whenDurable(seq, (failed) => {
        if (failed) reject(failed);
        else resolve();
      });
    });
  }

  /** Ends the journal, and nothing is written any more. What is on its way may still arrive: nobody can say. */
  lose(fault: Fault): void {
    const text = "the owner was lost while the commit was on its way";
    this.#end(fault, new Fault("OUTCOME_UNKNOWN", text, { cause: fault }));
  }

  /** @param outcome what became of the batch on its way */
  #end(fault: Fault, outcome: Fault): void {
    if (this.#lost) return;
    this.#lost = fault;
    const nothingHappened = new Fault("SHARD_UNAVAILABLE", "the owner was lost before the commit", {
      cause: fault,
    });
    this.#onItsWay?.settle(outcome);
    this.#onItsWay = null;
    this.#open.settle(nothingHappened);
    this.#giveRoom();
    this.#onLost(fault);
  }

  async #commit(batch: Batch): Promise<void> {
    const startedMs = this.#clock.elapsedMs();
    this.#meter.journalWaited((startedMs - this.#openedMs) / 1_000);
    try {
      const values = [this.#writerId, batch.seq, ...batch.columns()];
      const rows = await this.#session.run(commitBatch, values);
      if (this.#lost) return;
      if (rows.length !== 1) {
        const fenced = new Fault("SHARD_UNAVAILABLE", "the writer was closed by another node");
        this.#end(fenced, fenced);
        return;
      }
    } catch (error) {
      const fault = faultOf(error);
      this.#end(fault, fault);
      return;
    }
    const endedMs = this.#clock.elapsedMs();
    this.#lastCommit = { fromMs: startedMs, untilMs: endedMs };
    this.#meter.journalCommitted(batch.facts, (endedMs - startedMs) / 1_000);
    this.#durableSeq = batch.seq;
    this.#onDurable(batch.seq, batch.facts);
    this.#onItsWay = null;
    this.flush();
    this.#giveRoom();
    batch.settle(null);
  }

  #giveRoom(): void {
    for (const resolve of this.#roomWaiters.splice(0)) resolve();
  }
}
