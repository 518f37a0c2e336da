import { instant } from "../../src/domain/instant.ts";
import type { Threshold } from "../../src/domain/limits.ts";
import type { PerWindow } from "../../src/domain/period.ts";
import type { Database } from "../../src/platform/database.ts";
import { resolveEndedAlerts } from "../alert-end.ts";
import { AgreedTime } from "./agreed-time.ts";
import { scanAlerts } from "./alert-scan.ts";
import { dropOldLogs, makeMonths, pruneDeadJournal } from "./log-retention.ts";
import { type Job, type JobSurroundings, RecurringJob } from "./recurring-job.ts";
import { graceMs, sweepResets } from "./reset-sweep.ts";

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

/** What the jobs need beside a timer and a lock. */
export interface JobsOptions extends JobSurroundings {
  readonly database: Database;
  /** Limits of keys of which no policy is known, as they are now; null = unlimited. */
  readonly defaultLimits: () => PerWindow<bigint | null>;
  /** Lowest first, as they are now. */
  readonly thresholds: () => readonly Threshold[];
  /** Whole months of the log that are kept; null = all. */
  readonly logRetentionMonths: number | null;
}

/** Everything that is done by the clock and not by a request. */
export interface Jobs {
  start(): void;
  /** Waits for what is under way, a batch at most. Stop before the database is closed. */
  stop(): Promise<void>;
}

/** The jobs of a node: every node has them, and a lock lets one at a time do each. */
export function createJobs(options: JobsOptions): Jobs {
  const running = jobsOf(options).map((job) => new RecurringJob(job, options));
  return {
    start: () => {
      for (const job of running) job.start();
    },
    stop: async () => {
      await Promise.all(running.map((job) => job.stop()));
    },
  };
}

function jobsOf(options: JobsOptions): readonly Job[] {
  const { database, clock, log, logRetentionMonths: months } = options;
  const session = database.session("jobs");
  const time = new AgreedTime({ session, clock, log });
  const whenever = async (work: Promise<void>): Promise<null> => {
    await work;
    return null;
  };
  const jobs: Job[] = [
    {
      name: "reset_sweep",
      everyMs: 5 * minuteMs,
      run: async (signal) => {
        const { nextMidnight } = await sweepResets({ session, log, now: await time.now(), signal });
        return nextMidnight === null ? null : instant(nextMidnight + graceMs);
      },
    },
    {
      name: "alert_scan",
      everyMs: 5 * minuteMs,
      run: async (signal) => {
        const { thresholds, defaultLimits } = options;
        const now = await time.now();
        const limits = { thresholds: thresholds(), defaultLimits: defaultLimits() };
        return whenever(scanAlerts({ session, log, now, signal, ...limits }));
      },
    },
    {
      name: "ended_alerts",
      everyMs: 5 * minuteMs,
      run: async () => {
        const resolved = await resolveEndedAlerts(session, await time.now());
        if (resolved > 0) log.info({ resolved }, "alerts of ended periods resolved");
        return null;
      },
    },
    {
      name: "log_partitions",
      everyMs: dayMs,
      run: (signal) => whenever(makeMonths({ database, session, log, signal })),
    },
    {
      name: "journal_pruning",
      everyMs: hourMs,
      run: (signal) => whenever(pruneDeadJournal({ database, session, log, signal })),
    },
  ];
  if (months !== null) {
    jobs.push({
      name: "log_retention",
      everyMs: dayMs,
      run: async (signal) =>
        whenever(dropOldLogs({ database, session, log, signal }, await time.now(), months)),
    });
  }
  return jobs;
}
