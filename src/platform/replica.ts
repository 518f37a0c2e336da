import { faultOf } from "../wire/fault.ts";
import type { Cancel, Clock } from "./clock.ts";
import type { Listings, Session, Statement } from "./database.ts";
import { type Reader, whereReached } from "./listings.ts";
import type { Logger } from "./logger.ts";

/*
 * A replica, as its heartbeat finds it:
 *
 *     away ──it answers, is a replica, and is near──▶ serving
 *       ◀──no answer, or too far behind, or a primary itself──┘
 *
 * While it is away nobody asks it and nobody waits for it: lists are read from the primary. What is lost on the way
 * between two beats is read again there.
 */

/** How often it is asked how it is. */
const beatMs = 1_000;
/** A replica that is further behind is not read. */
const behindMaxMs = 30_000;

export type ReplicaLog = Pick<Logger, "info" | "warn">;

/** Nodes renew their leases several times a second, so the last commit replayed tells how late it is. */
export const heartbeat: Statement = {
  name: "replica-heartbeat",
  text: `
    select pg_is_in_recovery() as is_replica,
      (extract(epoch from now() - pg_last_xact_replay_timestamp()) * 1000)::bigint as behind_ms`,
};

/** Lists and statistics from a replica while it serves, else from the primary. */
export class Replica implements Listings {
  readonly #primary: Reader;
  readonly #replica: Reader;
  readonly #beat: Session;
  readonly #clock: Clock;
  readonly #log: ReplicaLog;
  #trouble: string | null = "not asked yet";
  #wasSaid = false;
  #timer: Cancel | undefined;
  #isClosed = false;

  constructor(options: {
    readonly primary: Reader;
    readonly replica: Reader;
    /** A connection to the replica that no list holds up; with a time limit of its own. */
    readonly beat: Session;
    readonly clock: Clock;
    readonly log: ReplicaLog;
  }) {
    this.#primary = options.primary;
    this.#replica = options.replica;
    this.#beat = options.beat;
    this.#clock = options.clock;
    this.#log = options.log;
  }

  get replica(): { readonly trouble: string | null } {
    return { trouble: this.#trouble };
  }

  start(): void {
    void this.#ask();
  }

  stop(): void {
    this.#isClosed = true;
    this.#timer?.();
  }

  run: Session["run"] = async (statement, values) => {
    const read = (reader: Reader) => reader.read((session) => session.run(statement, values));
    return (await this.#fromReplica(read)) ?? read(this.#primary);
  };

  reaching: Listings["reaching"] = async (reached, read) => {
    const where = (reader: Reader) => whereReached(reader, reached, read);
    return (await this.#fromReplica(where)) ?? where(this.#primary);
  };

  /** @returns undefined when the primary has to be asked. @throws Fault OVERLOADED: the primary has enough to do */
  async #fromReplica<T>(read: (reader: Reader) => Promise<T>): Promise<T | undefined> {
    if (this.#trouble !== null) return undefined;
    try {
      return await read(this.#replica);
    } catch (error) {
      const fault = faultOf(error);
      if (fault.code === "OVERLOADED") throw fault;
      return undefined;
    }
  }

  async #ask(): Promise<void> {
    this.#note(await this.#troubleNow());
    if (this.#isClosed) return;
    this.#timer = this.#clock.after(beatMs, () => void this.#ask());
  }

  async #troubleNow(): Promise<string | null> {
    try {
      const [row] = await this.#beat.run(heartbeat);
      if (row?.["is_replica"] !== true) return "it is no replica but a primary itself";
      const behindMs = row["behind_ms"];
      if (typeof behindMs !== "bigint") return "it has not replayed anything yet";
      if (behindMs > behindMaxMs) return `it is over ${behindMaxMs / 1_000} s behind`;
      return null;
    } catch (error) {
      return faultOf(error).message;
    }
  }

  #note(trouble: string | null): void {
    const isNews = (trouble === null) !== (this.#trouble === null) || !this.#wasSaid;
    this.#trouble = trouble;
    if (!isNews || this.#isClosed) return;
    this.#wasSaid = true;
    if (trouble === null) this.#log.info("lists are read from the replica");
    else this.#log.warn({ reason: trouble }, "the replica is not read: lists go to the primary");
  }
}
