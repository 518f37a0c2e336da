import { type Instant, instant } from "../../src/domain/instant.ts";
import type { Cancel, Clock } from "../../src/platform/clock.ts";
import type { JobLock } from "../../src/platform/lock.ts";
import type { Timer } from "../../src/platform/timer.ts";
import { faultOf } from "../../src/wire/fault.ts";
import type { Log } from "../ports.ts";

/** Two runs lie at least so far apart, whatever a job wishes. */
const restMs = 5_000;
/** The wait after a run that failed, or less if the job comes more often. */
const retryMs = 60_000;

/** What is done again and again, by one node at a time; doing it twice, or by two at once, changes nothing. */
export interface Job {
  readonly name: string;
  /** The longest time between two runs. */
  readonly everyMs: number;
  /**
   * @param signal ends it early: what is left is for the next run
   * @returns when it should run again, if that is before `everyMs` are over; null = it does not matter
   * @throws whatever hindered it: it is tried again
   */
  readonly run: (signal: AbortSignal) => Promise<Instant | null>;
}

/** `elsewhere`: another node was at it. */
export type JobResult = "done" | "failed" | "elsewhere";

/** What every job needs from around it. */
export interface JobSurroundings {
  readonly clock: Clock;
  readonly timer: Timer;
  readonly lock: JobLock;
  readonly log: Log;
  readonly onJob: (name: string, result: JobResult, seconds: number) => void;
}

/** When a job runs again: when it wishes, but neither at once nor later than `everyMs` from now. */
export function nextRunAt(now: Instant, wish: Instant | null, everyMs: number): Instant {
  const latest = now + everyMs;
  return instant(Math.min(latest, Math.max(wish ?? latest, now + restMs)));
}

/**
 * A job with its times on this node.
 *
 *     waiting ──its time──▶ running ──done, failed or elsewhere──▶ waiting …
 *        └──────── stop ───────┴──▶ stopped
 *
 * The next time is chosen when a run has ended: none overlaps another, and of all that were slept through one is made up for.
 */
export class RecurringJob {
  readonly #job: Job;
  readonly #around: JobSurroundings;
  readonly #stopping = new AbortController();
  #cancel: Cancel = () => undefined;
  #running: Promise<void> = Promise.resolve();

  constructor(job: Job, around: JobSurroundings) {
    this.#job = job;
    this.#around = around;
  }

  /** The first run is soon: it makes up for what was missed while no node ran. */
  start(): void {
    this.#runAt(nextRunAt(this.#around.clock.now(), null, restMs));
  }

  /** Waits for the run that is under way; it ends after its present batch. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#cancel();
    await this.#running;
  }

  #runAt(when: Instant): void {
    if (this.#stopping.signal.aborted) return;
    this.#cancel = this.#around.timer.at(when, () => {
      this.#running = this.#run();
    });
  }

  async #run(): Promise<void> {
    const { clock, log, onJob } = this.#around;
    const { name, everyMs } = this.#job;
    const startedMs = clock.elapsedMs();
    let result: JobResult = "failed";
    let wish: Instant | null = null;
    try {
      const ran = await this.#around.lock.hold(name, async (lost) => {
        wish = await this.#job.run(AbortSignal.any([lost, this.#stopping.signal]));
      });
      result = ran ? "done" : "elsewhere";
    } catch (error) {
      log.warn(
        { job: name, reason: faultOf(error).message, err: error },
        "a job failed, will be retried",
      );
      wish = instant(clock.now() + retryMs);
    }
    onJob(name, result, (clock.elapsedMs() - startedMs) / 1_000);
    this.#runAt(nextRunAt(clock.now(), wish, everyMs));
  }
}
