import type { Threshold } from "../src/domain/limits.ts";
import { orderKeyOf } from "../src/domain/order.ts";
import type { Bus } from "../src/platform/bus.ts";
import type { Clock } from "../src/platform/clock.ts";
import type { Database } from "../src/platform/database.ts";
import type { Tracer } from "../src/platform/tracer.ts";
import { Fault } from "../src/wire/fault.ts";
import { shardSubject } from "../src/wire/subject.ts";
import type { Surroundings } from "./actor.ts";
import { HoldWatch } from "./hold-watch.ts";
import { Inbox } from "./inbox.ts";
import type { OwnedShard, Writer } from "./ownership/writer.ts";
import type { LimitsBook, Log, Lookup, Meter } from "./ports.ts";
import { Shard } from "./shard.ts";
import { Shelf } from "./shelf.ts";
import { SnapshotFeed, type SnapshotSink } from "./snapshot-feed.ts";
import { alertType } from "./store/image.ts";
import { Checkpoint } from "./store/checkpoint.ts";
import { Journal } from "./store/journal.ts";
import { tableLookup } from "./store/lookup.ts";

/** A shard keeps at least so many actors, however many shards share the bound. */
const actorsOfShardMin = 16;

export interface TenureOptions {
  readonly database: Database;
  readonly bus: Bus;
  readonly clock: Clock;
  readonly log: Log;
  readonly meter: Meter;
  /** null = tracing is off. */
  readonly tracer: Pick<Tracer, "owned"> | null;
  readonly limits: LimitsBook;
  /** Told of changed quotas, for lists; null = nobody keeps any. */
  readonly snapshots: SnapshotSink | null;
  readonly thresholds: () => readonly Threshold[];
  readonly newId: () => string;
  readonly shardCount: number;
  readonly leaseMs: number;
  readonly waitingMax: number;
  readonly actorsMax: number;
}

/**
 * All that a node holds in the name of one writer: built when the writer is opened, thrown away whole when it is
 * lost, closed in order when the node stops.
 *
 *     serving ──lose──▶ over          (fenced, commit unknown, a bug: nothing of it is used again)
 *        └────finish──▶ over          (all durable, all in the tables)
 */
export class Tenure {
  readonly writer: Writer;
  readonly #options: TenureOptions;
  readonly #shelf = new Shelf();
  readonly #feed: SnapshotFeed | null;
  readonly #journal: Journal;
  readonly #checkpoint: Checkpoint;
  readonly #inbox: Inbox;
  readonly #holdWatch: HoldWatch;
  readonly #lookup: Lookup;
  readonly #shards = new Map<number, Shard>();
  readonly #stopServing: (() => void)[] = [];
  readonly #onOver: (fault: Fault) => void;
  #writtenSeq = 0;
  #renewedMs: number;
  #over = false;

  constructor(
    writer: Writer,
    renewedMs: number,
    options: TenureOptions,
    onOver: (fault: Fault) => void,
  ) {
    this.writer = writer;
    this.#renewedMs = renewedMs;
    this.#options = options;
    this.#onOver = onOver;
    const { database, clock, log, meter, waitingMax } = options;
    const { writerId } = writer;
    this.#lookup = tableLookup(database.session("prefetch"));
    this.#feed = options.snapshots && new SnapshotFeed(options.snapshots);
    this.#checkpoint = new Checkpoint({
      session: database.session("checkpoint"),
      clock,
      log,
      meter,
      writerId,
      onWritten: (seq) => {
        this.#writtenSeq = seq;
        this.#shelf.letGo(seq);
        this.#feed?.written(seq);
      },
    });
    this.#journal = new Journal({
      session: database.session("commit"),
      clock,
      meter,
      writerId,
      onDurable: (seq, facts) => {
        this.#checkpoint.note(seq, facts);
      },
      onLost: (fault) => {
        this.lose(fault);
      },
    });
    this.#inbox = new Inbox({
      clock,
      lookup: this.#lookup,
      shelf: this.#shelf,
      journal: this.#journal,
      meter,
      tracer: options.tracer,
      waitingMax,
      room: () => this.#journal.room() ?? this.#checkpoint.room(),
      hindrance: () => (this.holdsLease() ? null : leaseOver),
      onBug: (error) => {
        log.error({ err: error }, "a bug stopped the turns: everything is reloaded");
        this.lose(new Fault("INTERNAL", "the owner met a bug and reloads", { cause: error }));
      },
    });
    this.#holdWatch = new HoldWatch({
      clock,
      log,
      lookup: this.#lookup,
      shards: this.#shards,
      shardCount: options.shardCount,
      ask: (shard, message) => this.#inbox.submit(shard, message),
    });
    this.#checkpoint.start();
    this.#holdWatch.start();
  }

  /** Serves the shards that the writer owns; those that it serves already go on. */
  take(owned: readonly OwnedShard[]): void {
    if (this.#over) return;
    const { bus, actorsMax, shardCount, meter } = this.#options;
    for (const { shard: id, epoch } of owned) {
      if (this.#shards.has(id)) continue;
      const shard = new Shard({
        id,
        epoch,
        around: this.#surroundings(),
        actorsMax: Math.max(Math.ceil(actorsMax / shardCount), actorsOfShardMin),
        writtenSeq: () => this.#writtenSeq,
      });
      this.#shards.set(id, shard);
      meter.epochChanged();
      const stop = bus.serve(shardSubject(id), (message) => this.#inbox.submit(shard, message));
      this.#stopServing.push(stop);
    }
  }

  /** The lease was prolonged by a request that was sent at this moment of the monotonic clock. */
  renewed(sentMs: number): void {
    this.#renewedMs = sentMs;
  }

  /** Whether the lease lasts by this node's own clock: past it, not even a read is answered. */
  holdsLease(): boolean {
    return this.#options.clock.elapsedMs() - this.#renewedMs < this.#options.leaseMs;
  }

  get shards(): Iterable<Shard> {
    return this.#shards.values();
  }

  get shardsOwned(): number {
    return this.#shards.size;
  }

  get lagFacts(): number {
    return this.#checkpoint.lagFacts;
  }

  get lagSeconds(): number {
    return this.#checkpoint.lagSeconds;
  }

  /** Throws everything away; whoever waits is told. Postgres has what was acknowledged. */
  lose(fault: Fault): void {
    if (this.#over) return;
    this.#end(new Fault("SHARD_UNAVAILABLE", "the owner is changing", { cause: fault }));
    this.#checkpoint.stop();
    this.#journal.lose(fault);
    this.#onOver(fault);
  }

  /** Ends in order: what was accepted is committed, answered and written into the tables. @throws Fault */
  async finish(): Promise<void> {
    if (this.#over) return;
    this.#seal();
    await this.#inbox.idle();
    await this.#journal.drain();
    this.#end(new Fault("SHARD_UNAVAILABLE", "the owner is stopping"));
    await this.#checkpoint.finish();
  }

  #end(answer: Fault): void {
    this.#over = true;
    this.#holdWatch.stop();
    this.#seal();
    this.#inbox.close(answer);
  }

  /** Takes no more requests: under load the inbox would never be idle. */
  #seal(): void {
    for (const stop of this.#stopServing.splice(0)) stop();
  }

  #surroundings(): Surroundings {
    const { clock, newId, limits, thresholds, meter } = this.#options;
    return {
      now: () => clock.now(),
      newId,
      limits,
      thresholds,
      record: (entry) => {
        const seq = this.#journal.record(entry);
        if (entry.result.kind === "accepted") {
          const { order, alerts, after } = entry.result;
          this.#feed?.changed(seq, after, entry.limits);
          if (order) this.#shelf.put(orderKeyOf(after.key, order.ref), order, seq);
          for (const { raised } of alerts) meter.alertRaised(alertType(raised), raised.level);
        }
        return seq;
      },
    };
  }
}

const leaseOver = new Fault("SHARD_UNAVAILABLE", "the lease of this node has run out");
