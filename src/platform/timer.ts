import { type Job, scheduleJob } from "node-schedule";

import { type Instant, instant, later } from "../domain/instant.ts";
import type { Cancel, Clock } from "./clock.ts";

/** A date that has passed when it is given is refused by the library: it is moved so far ahead. */
const soonestMs = 50;

/** Runs something once at a time of the wall clock. */
export interface Timer {
  /** At once when the time has passed; later than asked for when the process or the machine slept. */
  at(when: Instant, run: () => void): Cancel;
}

/**
 * The wall clock, by node-schedule and with dates only: its rules in local time leave out a whole day where summer time
 * begins at midnight. What must happen at midnight is computed from the zone instead.
 */
export function dateTimer(clock: Clock): Timer {
  return {
    at: (when, run) => {
      const date = new Date(later(when, instant(clock.now() + soonestMs)));
      const job = scheduled(date, run);
      if (job === null) return clock.after(0, run);
      return () => {
        job.cancel();
      };
    },
  };
}

/** @returns null = the date has passed meanwhile, which the library's types do not say */
function scheduled(date: Date, run: () => void): Job | null {
  return scheduleJob(date, run);
}
