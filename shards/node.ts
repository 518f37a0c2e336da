import type { Clock } from "../src/platform/clock.ts";
import type { Session } from "../src/platform/database.ts";
import { Fault, faultOf } from "../src/wire/fault.ts";
import {
  expired,
  makePartitions,
  open,
  predecessors,
  prepareShards,
  recover,
  renew,
  ShardCountChanged,
  takeFree,
  type Writer,
} from "./ownership/writer.ts";
import { Tenure, type TenureOptions } from "./tenure.ts";
import { type KeyUse, topUse } from "./use.ts";

/** The lease is renewed so many times in its length. */
const renewalsOfLease = 4;
/** Waits between tries to begin again: doubled up to the longest. */
const retryMs = { first: 100, longest: 2_000 } as const;

export interface NodeOptions extends TenureOptions {
  readonly nodeName: string;
  /** Nobody but this process has the store open: whatever writer is open at the start is a dead one. */
  readonly alone: boolean;
  readonly address: string;
  readonly version: string;
  /**
   * Brings the schema up to date before each tenure. It fails when the schema is newer than this program: the node
   * then stays out, and leaves the shards to those that know the schema.
   */
  readonly prepare: () => Promise<void>;
}

/**
 * A process that owns shards.
 *
 *     starting ──▶ serving ──lost──▶ starting …     (by itself, as often as it takes)
 *         └───────────┴──stop──▶ stopped
 */
export class Node {
  readonly #options: NodeOptions;
  readonly #lease: Session;
  #tenure: Tenure | null = null;
  #stopping = false;
  #prepared = false;
  #running: Promise<void> = Promise.resolve();
  /** Recovery of other nodes' writers: beside the renewals, it may take longer than a lease. */
  #chores: Promise<void> | null = null;
  /** Ends the present sleep, or the next one. */
  #wake: () => void = () => {
    this.#awake = true;
  };
  #awake = false;
  #fault: Fault | null = null;
  /** A writer that this node had and lost: closed by its own hand before the next one is opened. */
  #lostWriter: Writer | null = null;

  constructor(options: NodeOptions) {
    this.#options = options;
    this.#lease = options.database.session("lease");
  }

  /** Begins to serve, and goes on beginning until it succeeds. Resolves when it serves for the first time. */
  async start(): Promise<void> {
    const begun = this.#beginUntilServing(true);
    // A stop in the middle of the beginning waits for it; what the beginning throws is told here and not there.
    this.#running = begun.then(
      () => this.#live(),
      () => undefined,
    );
    await begun;
  }

  /** Whether this node can commit now, as far as it knows: without a shard there is nothing that it could decide. */
  get ready(): boolean {
    return this.#tenure !== null && this.#tenure.holdsLease() && this.shardsOwned > 0;
  }

  /** Why it is not ready. */
  get trouble(): string | null {
    if (this.ready) return null;
    if (this.#tenure?.holdsLease()) return "no shard is free yet: other nodes hold them";
    return this.#fault?.message ?? "starting";
  }

  get shardsOwned(): number {
    return this.#tenure?.shardsOwned ?? 0;
  }

  get checkpointLag(): { readonly facts: number; readonly seconds: number } {
    return { facts: this.#tenure?.lagFacts ?? 0, seconds: this.#tenure?.lagSeconds ?? 0 };
  }

  get actorsResident(): number {
    let resident = 0;
    for (const shard of this.#tenure?.shards ?? []) resident += shard.resident;
    return resident;
  }

  /** The resident keys with the highest use of a limit, highest first. */
  topUse(count: number): readonly KeyUse[] {
    return topUse(this.#tenure?.shards ?? [], this.#options.clock.now(), count);
  }

  /** The policy service has changed limits: those of keys in memory are fetched at once, others when they are used. */
  limitsChanged(merchantId: string, currency: string | null): void {
    for (const shard of this.#tenure?.shards ?? []) {
      for (const { key, limits } of shard.actors) {
        if (key.merchantId !== merchantId) continue;
        if (currency === null || key.currency === currency) void limits.refresh();
      }
    }
  }

  /** Finishes what was accepted, sets the shards free for whoever comes next, and ends. */
  async stop(): Promise<void> {
    this.#stopping = true;
    this.#wake();
    await this.#running;
    await this.#chores;
    const tenure = this.#tenure;
    if (tenure) {
      try {
        await tenure.finish();
        await recover(this.#options.database, tenure.writer, this.#options.log);
      } catch (error) {
        this.#options.log.warn({ err: error }, "the journal's tail is left for the next start");
      }
    }
    this.#tenure = null;
  }

  /** Renews the lease, takes what became free, and begins anew whenever the writer was lost. */
  async #live(): Promise<void> {
    const { clock, leaseMs } = this.#options;
    for (;;) {
      await this.#sleep(clock, leaseMs / renewalsOfLease);
      if (this.#stopping) return;
      if (this.#tenure) await this.#keep(this.#tenure);
      else await this.#beginUntilServing(false);
    }
  }

  /** Sleeps until the time is over or somebody wakes it; a wake that comes before is not lost. */
  async #sleep(clock: Clock, delayMs: number): Promise<void> {
    if (!this.#awake) {
      await new Promise<void>((resolve) => {
        const cancel = clock.after(delayMs, resolve);
        this.#wake = () => {
          cancel();
          resolve();
        };
      });
    }
    this.#awake = false;
    this.#wake = () => {
      this.#awake = true;
    };
  }

  async #keep(tenure: Tenure): Promise<void> {
    const { clock, leaseMs, log } = this.#options;
    const sentMs = clock.elapsedMs();
    try {
      if (await renew(this.#lease, tenure.writer, leaseMs)) tenure.renewed(sentMs);
      else tenure.lose(new Fault("SHARD_UNAVAILABLE", "the writer was closed by another node"));
      tenure.take(await takeFree(this.#lease, tenure.writer));
    } catch (error) {
      log.warn(
        { reason: faultOf(error).message },
        "the lease could not be renewed, will be retried",
      );
    }
    this.#chores ??= this.#doChores().finally(() => {
      this.#chores = null;
    });
  }

  /** What must not hold up the renewals, however long it takes. */
  async #doChores(): Promise<void> {
    const { database, log } = this.#options;
    try {
      for (const writer of await expired(this.#lease)) {
        // One's own lapse is noticed by the renewal: a writer that lives on is not closed for having been slow.
        if (writer.writerId === this.#tenure?.writer.writerId) continue;
        await recover(database, writer, log);
      }
    } catch (error) {
      log.warn({ reason: faultOf(error).message }, "a dead writer must wait, will be retried");
    }
  }

  async #beginUntilServing(first: boolean): Promise<void> {
    const { clock, log } = this.#options;
    let waitMs: number = retryMs.first;
    while (!this.#stopping) {
      try {
        await this.#begin(first);
        return;
      } catch (error) {
        if (error instanceof ShardCountChanged) throw error;
        this.#fault = faultOf(error);
        log.warn({ reason: this.#fault.message, waitMs }, "cannot serve yet, will be retried");
        await this.#sleep(clock, waitMs);
        waitMs = Math.min(waitMs * 2, retryMs.longest);
      }
    }
  }

  async #begin(first: boolean): Promise<void> {
    const { database, clock, log, nodeName, alone, shardCount, leaseMs, address, version } =
      this.#options;
    await this.#options.prepare();
    if (!this.#prepared) {
      await prepareShards(this.#lease, shardCount);
      await makePartitions(database);
      this.#prepared = true;
    }
    const left = this.#lostWriter ? [this.#lostWriter] : [];
    if (first) left.push(...(await predecessors(this.#lease, alone ? null : nodeName)));
    left.push(...(await expired(this.#lease)));
    for (const writer of left) await recover(database, writer, log);
    this.#lostWriter = null;

    const sentMs = clock.elapsedMs();
    const writer = await open(database, { node: nodeName, leaseMs, address, version });
    const owned = await takeFree(this.#lease, writer);
    const tenure = new Tenure(writer, sentMs, this.#options, (fault) => {
      log.error({ err: fault, writer: String(writer.writerId) }, "the writer is lost");
      this.#fault = fault;
      this.#lostWriter = writer;
      if (this.#tenure === tenure) this.#tenure = null;
      this.#wake();
    });
    tenure.take(owned);
    this.#tenure = tenure;
    this.#fault = null;
    log.info(
      { node: nodeName, writer: String(writer.writerId), shards: tenure.shardsOwned },
      "serving",
    );
  }
}
