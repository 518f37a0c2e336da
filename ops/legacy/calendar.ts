import type { Instant } from "../../src/domain/instant.ts";
import {
  type Calendar,
  calendarAt,
  type Period,
  type PerWindow,
  perWindow,
  type Zone,
} from "../../src/domain/period.ts";

const dayMs = 86_400_000;

/**
 * The periods of past moments in one zone: the calendars that were computed are kept by the days of UTC that they
 * touch, because the log goes back and forth between days and computing one costs 100 µs.
 */
export class PastCalendar {
  readonly #zone: Zone;
  readonly #known = new Map<number, Calendar[]>();

  constructor(zone: Zone) {
    this.#zone = zone;
  }

  periodsAt(at: Instant): PerWindow<Period> {
    const found = this.at(at);
    return perWindow((name) => found[name].period);
  }

  at(at: Instant): Calendar {
    const day = Math.floor(at / dayMs);
    const known = this.#known.get(day) ?? [];
    let calendar = known.find(({ daily }) => daily.startsAt <= at && at < daily.endsAt);
    if (calendar === undefined) {
      calendar = calendarAt(at, this.#zone);
      known.push(calendar);
      this.#known.set(day, known);
    }
    return calendar;
  }
}
