import type { Threshold } from "../src/domain/limits.ts";
import { orderKeyOf } from "../src/domain/order.ts";
import type { Bus } from "../src/platform/bus.ts";
import type { Clock } from "../src/platform/clock.ts";
import type { Database } from "../src/platform/database.ts";
import type { Tracer } from "../src/platform/tracer.ts";
import { Fault } from "../src/wire/fault.ts";
import type { Surroundings } from "./actor.ts";
import type { Door } from "./door.ts";
import { HoldWatch } from "./hold-watch.ts";
import { Inbox } from "./inbox.ts";
import type { OwnedShard } from "./ownership/cluster.ts";
import type { Writer } from "./ownership/writer.ts";
import type { LimitsBook, Log, Lookup, Meter } from "./ports.ts";
import { Served } from "./served.ts";
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
  readonly door: Door;
  readonly mayAnswer: () => boolean;
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
  readonly #served: Served;
  readonly #onOver: (fault: Fault) => void;
  #writtenSeq = 0;
  #renewedMs = -Infinity;
  #over = false;

  constructor(
    writer: Writer,
    renewedMs: number,
    options: TenureOptions,
    onOver: (fault: Fault) => void,
  ) {
    this.writer = writer;
    this.#options = options;
    this.#onOver = onOver;
    const { database, clock, log, meter, door } = options;
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
      door,
      room: () => this.#journal.room() ?? this.#checkpoint.room(),
      hindrance: () => (this.holdsLease() ? null : leaseOver),
      onBug: (error) => {
        log.error({ err: error }, "a bug stopped the turns: everything is reloaded");
        this.lose(new Fault("INTERNAL", "the owner met a bug and reloads", { cause: error }));
      },
    });
    this.#served = new Served(options, this.#inbox, () => this.holdsLease());
    this.renewed(renewedMs);
    this.#holdWatch = new HoldWatch({
      clock,
      log,
      lookup: this.#lookup,
      shards: this.#served.shards,
      shardCount: options.shardCount,
      ask: (shard, message) => this.#inbox.submit(shard, message),
    });
    this.#checkpoint.start();
    this.#holdWatch.start();
  }

  /**
   * Serves the shards that the writer owns, all of them; those that it serves already go on.
   * Invariant: what it serves it owns, in this very epoch. Only its own hand or the closing of its writer ends that; if
   * something else did, there may be two actors of a key, and nothing in memory can be trusted.
   */
  take(owned: readonly OwnedShard[]): void {
    const { actorsMax, shardCount, meter } = this.#options;
    const astray = this.#served.astray(owned);
    if (astray) this.lose(astray);
    if (this.#over) return;
    for (const { shard: id, epoch } of owned) {
      if (this.#served.shards.has(id)) continue;
      const shard = new Shard({
        id,
        epoch,
        around: this.#surroundings(),
        actorsMax: Math.max(Math.ceil(actorsMax / shardCount), actorsOfShardMin),
        writtenSeq: () => this.#writtenSeq,
      });
      this.#served.add(shard);
      meter.epochChanged();
    }
  }

  /** Writes into the tables what is durable now. @throws Fault */
  catchUp = (): Promise<void> => this.#checkpoint.reach(this.#journal.durableSeq);

  /**
   * Leaves shards so that another may own them: takes no more of their requests, answers what was decided, writes all of
   * it into the tables, and forgets their actors. The others go on.
   * @throws Fault when that cannot be done: then they are served as before, unless all is over
   */
  async leave(ids: readonly number[]): Promise<readonly OwnedShard[]> {
    const leaving = ids.flatMap((id) => this.#served.shards.get(id) ?? []);
    for (const shard of leaving) shard.seal();
    try {
      await this.#inbox.emptied(leaving);
      const lastSeq = Math.max(0, ...leaving.map((shard) => shard.lastSeq));
      await this.#journal.durable(lastSeq);
      await this.#checkpoint.reach(lastSeq);
      if (this.#over) throw leaseOver;
    } catch (error) {
      for (const shard of leaving) shard.unseal();
      throw error;
    }
    for (const { id } of leaving) this.#served.remove(id);
    return leaving.map(({ id, epoch }) => ({ shard: id, epoch }));
  }

  /** The lease was prolonged by a request that was sent at this moment of the monotonic clock. */
  renewed(sentMs: number): void {
    this.#renewedMs = sentMs;
    this.#served.leased(sentMs);
  }

  /** Whether the lease lasts by this node's own clock: past it, not even a read is answered. */
  holdsLease(): boolean {
    const { clock, leaseMs } = this.#options;
    return !this.#over && clock.elapsedMs() - this.#renewedMs < leaseMs;
  }

  get shards(): Iterable<Shard> {
    return this.#served.shards.values();
  }

  get shardsOwned(): number {
    return this.#served.shards.size;
  }

  /** What is durable and not in the tables yet. */
  get lag(): { readonly facts: number; readonly seconds: number } {
    return { facts: this.#checkpoint.lagFacts, seconds: this.#checkpoint.lagSeconds };
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
    // Under load the inbox would never be idle.
    this.#served.hangUp();
    await this.#inbox.idle();
    await this.#journal.drain();
    this.#end(new Fault("SHARD_UNAVAILABLE", "the owner is stopping"));
    await this.#checkpoint.finish();
  }

  #end(answer: Fault): void {
    this.#over = true;
    this.#holdWatch.stop();
    this.#served.hangUp();
    this.#inbox.close(answer);
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
