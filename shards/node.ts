import type { Session } from "../src/platform/database.ts";
import { Fault, faultOf } from "../src/wire/fault.ts";
import { prepareTables, ShardCountChanged } from "./ownership/preparation.ts";
import { Reach } from "./ownership/reach.ts";
import { Recovery } from "./ownership/recovery.ts";
import { Share } from "./ownership/share.ts";
import { expired, open, predecessors, renew, type Writer } from "./ownership/writer.ts";
import type { Announcer, Line } from "./ports.ts";
import { Sleep } from "./sleep.ts";
import { Tenure, type TenureOptions } from "./tenure.ts";
import { type KeyUse, topUse } from "./use.ts";

/** The lease is renewed so many times in its length. */
const renewalsOfLease = 4;
/** Waits between tries to begin again: doubled up to the longest. */
const retryMs = { first: 100, longest: 2_000 } as const;

export interface NodeOptions extends Omit<TenureOptions, "mayAnswer"> {
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
  readonly announcer: Announcer;
  /** null = all edges are in this very process. */
  readonly line: Line | null;
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
  readonly #sleep: Sleep;
  readonly #reach: Reach;
  readonly #recovery: Recovery;
  #tenure: Tenure | null = null;
  #share: Share | null = null;
  #stopping = false;
  #prepared = false;
  #running: Promise<void> = Promise.resolve();
  #fault: Fault | null = null;
  /** A writer that this node had and lost: closed by its own hand before the next one is opened. */
  #lostWriter: Writer | null = null;

  constructor(options: NodeOptions) {
    this.#options = options;
    this.#lease = options.database.session("lease");
    this.#sleep = new Sleep(options.clock);
    this.#reach = new Reach(options.line, options.clock, options.leaseMs);
    this.#recovery = new Recovery({ ...options, session: this.#lease, reach: this.#reach });
  }

  /** Begins to serve, and goes on beginning until it succeeds. Resolves when it serves for the first time. */
  async start(): Promise<void> {
    const deaf = this.#options.announcer.onMoved((_, toNode) => {
      const isOurs = toNode === this.#options.nodeName;
      if (isOurs) this.#share?.announced();
      if (toNode === null || isOurs) this.#sleep.wake();
    });
    const begun = this.#beginUntilServing(true);
    // A stop in the middle of the beginning waits for it; what the beginning throws is told here and not there.
    this.#running = begun
      .then(
        () => this.#live(),
        () => undefined,
      )
      .finally(deaf);
    await begun;
  }

  /** Whether it can commit now, as far as it knows: it waits for no share and was not drained, or stands by. */
  get ready(): boolean {
    if (!this.#tenure?.holdsLease()) return false;
    return this.shardsOwned > 0 || this.#share?.standsBy === true;
  }

  /** Why it is not ready. */
  get trouble(): string | null {
    if (this.ready) return null;
    if (this.#tenure?.holdsLease()) {
      return this.#share?.draining === true
        ? "drained: other nodes own its shards"
        : "other nodes still own its shards";
    }
    return this.#fault?.message ?? "starting";
  }

  get shardsOwned(): number {
    return this.#tenure?.shardsOwned ?? 0;
  }

  get checkpointLag(): { readonly facts: number; readonly seconds: number } {
    return this.#tenure?.lag ?? { facts: 0, seconds: 0 };
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
      shard.limitsChanged(merchantId, currency);
    }
  }

  /**
   * Hands the shards over to nodes that live, finishes what was accepted, sets free what nobody could be given, and
   * ends.
   */
  async stop(): Promise<void> {
    this.#stopping = true;
    this.#sleep.wake();
    await this.#running;
    await this.#recovery.idle();
    const tenure = this.#tenure;
    if (tenure) {
      try {
        await this.#share?.leave(() => this.#renew(tenure));
        await tenure.finish();
        await this.#recovery.recover(tenure.writer);
      } catch (error) {
        this.#options.log.warn({ err: error }, "the journal's tail is left for the next start");
      }
    }
    this.#tenure = null;
  }

  /** Renews the lease, takes what became free, and begins anew whenever the writer was lost. */
  async #live(): Promise<void> {
    const { leaseMs } = this.#options;
    for (;;) {
      await this.#sleep.atMost(leaseMs / renewalsOfLease);
      if (this.#stopping) return;
      if (this.#tenure) await this.#keep(this.#tenure);
      else await this.#beginUntilServing(false);
    }
  }

  async #keep(tenure: Tenure): Promise<void> {
    const { log } = this.#options;
    try {
      await this.#share?.welcome();
      if (await this.#renew(tenure)) await this.#share?.look();
    } catch (error) {
      log.warn(
        { reason: faultOf(error).message },
        "the lease could not be renewed, will be retried",
      );
    }
    this.#recovery.begin(
      () => this.#tenure?.writer ?? null,
      () => {
        this.#sleep.wake();
      },
    );
  }

  /** Prolongs the lease. @returns false when the writer is lost */
  async #renew(tenure: Tenure): Promise<boolean> {
    const { clock, leaseMs } = this.#options;
    const sentMs = clock.elapsedMs();
    const reachable = this.#reach.toSay();
    const prolonged = await renew(this.#lease, tenure.writer, leaseMs, reachable);
    if (prolonged) {
      tenure.renewed(sentMs);
      this.#reach.said(reachable);
    } else tenure.lose(new Fault("SHARD_UNAVAILABLE", "the writer was closed by another node"));
    return prolonged;
  }

  async #beginUntilServing(first: boolean): Promise<void> {
    const { log } = this.#options;
    let waitMs: number = retryMs.first;
    while (!this.#stopping) {
      try {
        await this.#begin(first);
        return;
      } catch (error) {
        if (error instanceof ShardCountChanged) throw error;
        this.#fault = faultOf(error);
        log.warn({ reason: this.#fault.message, waitMs }, "cannot serve yet, will be retried");
        await this.#sleep.atMost(waitMs);
        waitMs = Math.min(waitMs * 2, retryMs.longest);
      }
    }
  }

  async #begin(first: boolean): Promise<void> {
    const { database, clock, log, nodeName, alone, shardCount, prepare } = this.#options;
    await prepare();
    if (!this.#prepared) {
      await prepareTables(database, this.#lease, shardCount);
      this.#prepared = true;
    }
    const left = this.#lostWriter ? [this.#lostWriter] : [];
    if (first) left.push(...(await predecessors(this.#lease, alone ? null : nodeName)));
    left.push(...(await expired(this.#lease)));
    for (const writer of left) await this.#recovery.recover(writer);
    this.#lostWriter = null;
    await this.#reach.admit(this.#lease);

    const sentMs = clock.elapsedMs();
    const draining = this.#share?.draining ?? false;
    const reachable = this.#reach.toSay();
    const opened = { ...this.#options, node: nodeName, draining, reachable };
    const writer = await open(database, opened);
    this.#reach.said(reachable);
    const mayAnswer = (): boolean => this.#reach.mayAnswer;
    const tenure = new Tenure(writer, sentMs, { ...this.#options, mayAnswer }, (fault) => {
      log.error({ err: fault, writer: String(writer.writerId) }, "the writer is lost");
      this.#fault = fault;
      this.#lostWriter = writer;
      if (this.#tenure === tenure) this.#tenure = null;
      this.#sleep.wake();
    });
    const share = new Share(tenure, {
      ...this.#options,
      session: this.#lease,
      givingSession: database.session("checkpoint"),
      onDue: () => {
        this.#sleep.wake();
      },
    });
    try {
      await share.look();
      if (!tenure.holdsLease()) throw this.#fault ?? new Fault("SHARD_UNAVAILABLE", "too slow");
    } catch (error) {
      tenure.lose(faultOf(error));
      throw error;
    }
    this.#share = share;
    this.#tenure = tenure;
    this.#fault = null;
    log.info(
      { node: nodeName, writer: String(writer.writerId), shards: tenure.shardsOwned },
      "serving",
    );
  }
}
