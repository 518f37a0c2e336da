import { type Instant, instant } from "../../src/domain/instant.ts";
import type { Clock } from "../../src/platform/clock.ts";
import type { Session } from "../../src/platform/database.ts";
import type { Log } from "../ports.ts";
import { moment } from "../store/row.ts";
import { databaseTime } from "./sql.ts";

/** The clocks of two machines that are kept in time differ by less. */
const differenceMaxMs = 60_000;
/** A wall clock that has leapt ahead is believed when it has stayed there for so long. */
const doubtMs = 600_000;

/**
 * The time that jobs go by, which must not run ahead: what they end or delete on a wrong day does not come back. It is
 * the earlier of this machine's clock and the database's, and a leap ahead of the first counts only when it has lasted,
 * since a sleep of the machine looks the same as a clock that was set wrong.
 */
export class AgreedTime {
  readonly #session: Session;
  readonly #clock: Clock;
  readonly #log: Log;
  /** Wall time less the monotonic: constant, until somebody sets the clock or the machine sleeps. */
  #offsetMs: number;
  #leaptAtMs: number | null = null;

  constructor(options: { readonly session: Session; readonly clock: Clock; readonly log: Log }) {
    this.#session = options.session;
    this.#clock = options.clock;
    this.#log = options.log;
    this.#offsetMs = this.#clock.now() - this.#clock.elapsedMs();
  }

  /** @throws Fault when the database does not say its time */
  async now(): Promise<Instant> {
    const [row = {}] = await this.#session.run(databaseTime);
    const database = moment(row, "now");
    const own = this.#steadyNow();
    const differenceMs = own - database;
    if (Math.abs(differenceMs) > differenceMaxMs) {
      this.#log.warn(
        { differenceMs },
        "this clock and the database's differ; jobs go by the earlier",
      );
    }
    return instant(Math.min(own, database));
  }

  #steadyNow(): number {
    const elapsedMs = this.#clock.elapsedMs();
    const offsetMs = this.#clock.now() - elapsedMs;
    if (offsetMs <= this.#offsetMs + differenceMaxMs) {
      this.#offsetMs = offsetMs;
      this.#leaptAtMs = null;
      return elapsedMs + offsetMs;
    }
    this.#leaptAtMs ??= elapsedMs;
    if (elapsedMs - this.#leaptAtMs >= doubtMs) {
      this.#offsetMs = offsetMs;
      this.#leaptAtMs = null;
    } else {
      this.#log.warn(
        { aheadMs: offsetMs - this.#offsetMs },
        "this clock has leapt ahead; jobs wait whether it stays there",
      );
    }
    return elapsedMs + this.#offsetMs;
  }
}
