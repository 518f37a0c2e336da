import type { Clock } from "../../src/platform/clock.ts";
import type { Database } from "../../src/platform/database.ts";
import { readCluster } from "../ownership/cluster.ts";
import { Sleep } from "../sleep.ts";
import type { Change } from "./change.ts";
import { movesOf } from "./layout.ts";

/** Between two looks at the rows while waiting; the nodes look less often. */
const lookMs = 250;

/** Where a change is made. */
export interface Stage {
  readonly database: Pick<Database, "reads" | "session">;
  readonly clock: Clock;
}

export interface Terms {
  /** For the shards to arrive. */
  readonly waitMs: number;
  /** Whoever waits has had enough. */
  readonly stop: AbortSignal;
  /** Told after each look how many more have arrived; below 0 = there is more to do again. */
  readonly onArrived: (shards: number) => void;
}

/** What became of a change that was made. */
export interface CarriedOut {
  readonly ended: "finished" | "unfinished";
  /** Shards that are not where the plan has them. */
  readonly left: readonly number[];
  readonly ms: number;
}

/**
 * Makes a change, waits until its shards have moved, and takes back what was to hold only until then. One operator at a
 * time: see `underOperatorLock`.
 */
export async function carryOut(change: Change, terms: Terms, stage: Stage): Promise<CarriedOut> {
  const { database, clock } = stage;
  const startedMs = clock.elapsedMs();
  const wait = new Wait(change, terms, stage);
  if (!change.isWished) await change.wish(database.session("jobs"));
  let left: readonly number[] | null;
  if (change.release === null) left = await wait.untilMoved();
  else {
    try {
      left = await wait.untilMoved();
    } finally {
      await change.release(database.session("jobs"));
    }
    left ??= await wait.untilMoved();
  }
  const ms = clock.elapsedMs() - startedMs;
  return { ended: left === null ? "finished" : "unfinished", left: left ?? [], ms };
}

class Wait {
  readonly #change: Change;
  readonly #terms: Terms;
  readonly #stage: Stage;
  readonly #untilMs: number;
  #arrived = 0;

  constructor(change: Change, terms: Terms, stage: Stage) {
    this.#change = change;
    this.#terms = terms;
    this.#stage = stage;
    this.#untilMs = stage.clock.elapsedMs() + terms.waitMs;
  }

  /** @returns the shards that are not where they are to be when the time is over; null = all are, and it is as wished */
  async untilMoved(): Promise<readonly number[] | null> {
    const { database, clock } = this.#stage;
    const { stop, onArrived } = this.#terms;
    const sleep = new Sleep(clock);
    const wake = (): void => {
      sleep.wake();
    };
    stop.addEventListener("abort", wake);
    try {
      for (;;) {
        const cluster = await readCluster(database.reads);
        const left = movesOf(cluster).map(({ shard }) => shard);
        const arrived = Math.max(0, this.#change.moves.length - left.length);
        onArrived(arrived - this.#arrived);
        this.#arrived = arrived;
        if (left.length === 0 && this.#change.stands(cluster)) return null;
        if (stop.aborted || clock.elapsedMs() >= this.#untilMs) return left;
        await sleep.atMost(lookMs);
      }
    } finally {
      stop.removeEventListener("abort", wake);
    }
  }
}
