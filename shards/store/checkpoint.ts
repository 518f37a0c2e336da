import type { Cancel, Clock } from "../../src/platform/clock.ts";
import type { Session } from "../../src/platform/database.ts";
import { Fault, faultOf } from "../../src/wire/fault.ts";
import type { Log, Meter } from "../ports.ts";
import { pruneJournal, writeCheckpoint } from "./sql.ts";

/** How long durable facts wait before they are written into the tables. */
const checkpointMs = 100;
/** The wait after a checkpoint that failed: it is tried again, as often as it takes. */
const retryMs = 500;
/** Facts in one checkpoint, give or take a batch: bounds its time, which is about a second for so many. */
const checkpointFactsMax = 20_000;
/** Journal rows are dropped after so many checkpoints. */
const pruneEvery = 10;
/** Durable facts not yet in the tables; over it, commands wait. */
const lagFactsMax = 100_000;

interface DurableBatch {
  readonly seq: number;
  readonly facts: number;
  readonly durableMs: number;
}

/**
 * Writes a writer's durable facts into the tables, behind the answers: late by about a tenth of a second, and the
 * same whether this node does it or the one that recovers its journal.
 */
export class Checkpoint {
  readonly #session: Session;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #meter: Pick<Meter, "checkpointWritten">;
  readonly #writerId: bigint;
  readonly #onWritten: (seq: number) => void;
  readonly #waiting: DurableBatch[] = [];
  #seq = 0;
  #lagFacts = 0;
  readonly #roomWaiters: (() => void)[] = [];
  /** The round on its way; it tells what went wrong and does not throw it. */
  #running: Promise<Fault | null> | null = null;
  #timer: Cancel | null = null;
  /** Checkpoints since journal rows were dropped. */
  #unpruned = 0;
  #stopped = false;

  constructor(options: {
    readonly session: Session;
    readonly clock: Clock;
    readonly log: Log;
    readonly meter: Pick<Meter, "checkpointWritten">;
    readonly writerId: bigint;
    /** Told up to which batch the tables are complete. */
    readonly onWritten: (seq: number) => void;
  }) {
    this.#session = options.session;
    this.#clock = options.clock;
    this.#log = options.log;
    this.#meter = options.meter;
    this.#writerId = options.writerId;
    this.#onWritten = options.onWritten;
  }

  /** Durable facts that are not in the tables yet. */
  get lagFacts(): number {
    return this.#lagFacts;
  }

  /** For how long the oldest of them has been durable. */
  get lagSeconds(): number {
    const [oldest] = this.#waiting;
    return oldest ? (this.#clock.elapsedMs() - oldest.durableMs) / 1_000 : 0;
  }

  /** A batch has become durable. */
  note(seq: number, facts: number): void {
    this.#waiting.push({ seq, facts, durableMs: this.#clock.elapsedMs() });
    this.#lagFacts += facts;
  }

  /** Resolves once the tables have caught up enough for more; null = they have. */
  room(): Promise<void> | null {
    if (this.#lagFacts < lagFactsMax || this.#stopped) return null;
    return new Promise((resolve) => {
      this.#roomWaiters.push(resolve);
    });
  }

  start(): void {
    this.#after(checkpointMs);
  }

  /**
   * Writes at once, without waiting for its time, what is durable up to a batch, and nothing else: somebody waits for it.
   * @throws Fault when Postgres does not let it, or the writer was lost
   */
  async reach(seq: number): Promise<void> {
    while (this.#seq < seq) {
      if (this.#stopped) throw new Fault("SHARD_UNAVAILABLE", "the checkpoints have ended");
      if (this.#running) {
        await this.#running;
        continue;
      }
      this.#timer?.();
      const fault = await this.#begin(seq);
      if (fault) throw fault;
    }
  }

  /** Writes all that is durable now. @throws Fault when Postgres does not let it */
  async finish(): Promise<void> {
    this.stop();
    await this.#running;
    while (this.#waiting.length > 0) await this.#write(Infinity);
    await this.#session.run(pruneJournal, [this.#writerId]);
  }

  stop(): void {
    this.#stopped = true;
    this.#timer?.();
    this.#giveRoom();
  }

  #after(delayMs: number): void {
    if (this.#stopped) return;
    this.#timer = this.#clock.after(delayMs, () => {
      if (!this.#running) void this.#begin();
    });
  }

  /** @param upToSeq the batch that is waited for; null = it is time for all that is durable */
  #begin(upToSeq: number | null = null): Promise<Fault | null> {
    const running = this.#round(upToSeq).finally(() => {
      this.#running = null;
    });
    this.#running = running;
    return running;
  }

  async #round(upToSeq: number | null): Promise<Fault | null> {
    try {
      const lagFacts = this.#lagFacts;
      if (this.#waiting.length > 0) {
        await this.#write(upToSeq ?? Infinity);
        this.#unpruned += 1;
      }
      if (upToSeq === null && this.#unpruned >= pruneEvery) {
        this.#unpruned = 0;
        await this.#session.run(pruneJournal, [this.#writerId]);
      }
      this.#after(lagFacts > checkpointFactsMax ? 0 : checkpointMs);
      return null;
    } catch (error) {
      const fault = faultOf(error);
      this.#log.warn(
        { reason: fault.message, seq: this.#seq },
        "checkpoint failed, will be retried",
      );
      this.#after(retryMs);
      return fault;
    }
  }

  async #write(upToSeq: number): Promise<void> {
    let facts = 0;
    let batches = 0;
    let seq = this.#seq;
    for (const batch of this.#waiting) {
      facts += batch.facts;
      batches += 1;
      seq = batch.seq;
      if (facts >= checkpointFactsMax || seq >= upToSeq) break;
    }
    if (batches === 0) return;
    const startedMs = this.#clock.elapsedMs();
    await this.#session.run(writeCheckpoint, [this.#writerId, seq]);
    this.#meter.checkpointWritten(facts, (this.#clock.elapsedMs() - startedMs) / 1_000);
    this.#seq = seq;
    this.#waiting.splice(0, batches);
    this.#lagFacts -= facts;
    this.#giveRoom();
    this.#onWritten(seq);
  }

  #giveRoom(): void {
    for (const resolve of this.#roomWaiters.splice(0)) resolve();
  }
}
