import type { Database, Session } from "../../src/platform/database.ts";
import { faultOf } from "../../src/wire/fault.ts";
import type { Announcer, Log } from "../ports.ts";
import { expired, recover, type Writer } from "./writer.ts";

/** Closes writers that are dead, and tells all nodes of the shards that are free by it. */
export class Recovery {
  readonly #database: Database;
  readonly #session: Session;
  readonly #log: Log;
  readonly #announcer: Announcer;
  /** A round over the writers of other nodes: beside the renewals, it may take longer than a lease. */
  #round: Promise<void> | null = null;

  constructor(options: {
    readonly database: Database;
    readonly session: Session;
    readonly log: Log;
    readonly announcer: Announcer;
  }) {
    this.#database = options.database;
    this.#session = options.session;
    this.#log = options.log;
    this.#announcer = options.announcer;
  }

  /** See `recover` of a writer. @throws Fault */
  async recover(writer: Writer): Promise<void> {
    const freed = await recover(this.#database, writer, this.#log);
    if (freed.length > 0) this.#announcer.moved(freed, null);
  }

  /**
   * Begins to recover the writers whose lease has passed, if it is not at it.
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
    } catch (error) {
      this.#log.warn(
        { reason: faultOf(error).message },
        "a dead writer must wait, will be retried",
      );
    }
  }
}
