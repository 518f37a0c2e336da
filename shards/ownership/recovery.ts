import type { Database, Session } from "../../src/platform/database.ts";
import { faultOf } from "../../src/wire/fault.ts";
import type { Announcer, Log } from "../ports.ts";
import { cutOff, patienceOf, type Reach, readReach } from "./reach.ts";
import { expired, recover, type Writer } from "./writer.ts";

/** Closes writers that are dead or cut off from NATS, and tells all nodes of the shards that are free by it. */
export class Recovery {
  readonly #database: Database;
  readonly #session: Session;
  readonly #log: Log;
  readonly #announcer: Announcer;
  readonly #reach: Reach;
  readonly #patienceMs: number;
  /** A round over the writers of other nodes: beside the renewals, it may take longer than a lease. */
  #round: Promise<void> | null = null;

  constructor(options: {
    readonly database: Database;
    readonly session: Session;
    readonly log: Log;
    readonly announcer: Announcer;
    readonly reach: Reach;
    readonly leaseMs: number;
  }) {
    this.#database = options.database;
    this.#session = options.session;
    this.#log = options.log;
    this.#announcer = options.announcer;
    this.#reach = options.reach;
    this.#patienceMs = patienceOf(options.leaseMs);
  }

  /** See `recover` of a writer. @throws Fault */
  async recover(writer: Writer, silentMs: number | null = null): Promise<void> {
    const freed = await recover(this.#database, writer, this.#log, silentMs);
    if (freed.length > 0) this.#announcer.moved(freed, null);
  }

  /**
   * Begins to recover the writers whose lease has passed or whose node is cut off, if it is not at it.
   * One that is itself out of reach leaves the latter to the others: nobody would hear from it that shards are free.
   * @param ours a writer that lives on is not closed for having been slow: its own node notices by the renewal
   * @param onRecovered told after each, it may be one that was closed by another node
   */
  begin(ours: () => Writer | null, onRecovered: () => void): void {
    this.#round ??= this.#recoverExpired(ours, onRecovered).finally(() => {
      this.#round = null;
    });
  }

  /** Resolves when it is not at it. */
  async idle(): Promise<void> {
    await this.#round;
  }

  async #recoverExpired(ours: () => Writer | null, onRecovered: () => void): Promise<void> {
    try {
      for (const writer of await expired(this.#session)) {
        if (writer.writerId === ours()?.writerId) continue;
        await this.recover(writer);
        onRecovered();
      }
      if (!this.#reach.isHeard) return;
      for (const { writerId, node, forMs } of cutOff(
        await readReach(this.#session),
        this.#patienceMs,
      )) {
        if (writerId === ours()?.writerId) continue;
        this.#log.warn(
          { node, silentMs: forMs },
          "a node is cut off from NATS: its writer is closed",
        );
        await this.recover({ writerId, node }, this.#patienceMs);
        onRecovered();
      }
    } catch (error) {
      this.#log.warn(
        { reason: faultOf(error).message },
        "a dead writer must wait, will be retried",
      );
    }
  }
}
