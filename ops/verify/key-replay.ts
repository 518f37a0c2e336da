import { apply } from "../../src/domain/apply.ts";
import type { Key } from "../../src/domain/ids.ts";
import type { Instant } from "../../src/domain/instant.ts";
import { zero } from "../../src/domain/money.ts";
import { type Calendar, type PerWindow, perWindow } from "../../src/domain/period.ts";
import { emptyQuota, type Quota } from "../../src/domain/quota.ts";
import { factOf } from "./claim.ts";
import type { Findings } from "./findings.ts";
import type { LogEntry, Sums } from "./log-entry.ts";
import type { Mismatch } from "./mismatch.ts";
import { type Difference, quotaDifferences, sumsDifference, sumsOf } from "./quota-difference.ts";
import { asIfNotMoved, runningAt, unknownPeriod } from "./running-period.ts";

/** From when on the log is whole. */
export interface LogStart {
  /** Entries before it were dropped, as old; null = none ever were. */
  readonly keptFrom: Instant | null;
  /** The moment of the migration from the older service; null = there was none. */
  readonly migratedAt: Instant | null;
}

/** What a key is replayed with. */
export interface ReplayOptions {
  readonly key: Key;
  readonly shard: number;
  /** As it is stored; null = it is not. */
  readonly stored: Quota | null;
  /** Of the key's zone, as it is stored. */
  readonly calendarAt: (at: Instant) => Calendar;
  readonly start: LogStart;
  readonly findings: Findings;
  /** Told the version that began a suspension: it has to have raised an alert. */
  readonly onSuspended: (version: number) => void;
}

const noneKnown = perWindow(() => false);
const noSums: Sums = { used: perWindow(() => zero), pending: zero, reserved: zero };

/**
 * The log of one key, from its first entry to its last:
 *
 *     nothing ──first change──▶ whole      it is version 1
 *                      └──────▶ partial    those before were dropped, or the key came from the older service
 *
 * Each accepted entry is applied by the domain's own `apply`, as its action and amount say: what goes in has to be the
 * sums that the entry has before it, what comes out those after it, and the last the stored quota. After a mismatch it
 * goes on from what the entry says, so that one damage is told once.
 *
 * Of a partial key the sums are known from its first entry on; counts, holds and refunds of a window only once a period
 * has begun in the log.
 */
export class KeyReplay {
  readonly #options: ReplayOptions;
  #quota: Quota | null = null;
  #isWhole = false;
  #known: PerWindow<boolean> = noneKnown;
  #hasMoved = false;

  constructor(options: ReplayOptions) {
    this.#options = options;
  }

  /** @param entry of this key, in the order of versions, what changes before what is refused */
  add(entry: LogEntry): void {
    if (entry.kind === "accepted") this.#change(entry);
    else if (entry.kind === "refused") this.#refuse(entry);
    else this.#sweep(entry);
  }

  /** The last entry was added: compares what came out with what is stored. */
  finish(): void {
    const { stored, findings } = this.#options;
    const quota = this.#quota;
    if (this.#hasMoved) findings.leftOut("keys_in_another_zone", 1);
    if (quota === null) {
      if (stored !== null && stored.version > 0) this.#beginBehind(stored.version);
    } else if (stored === null) {
      this.#say("quota_missing", {
        column: "version",
        expected: String(quota.version),
        found: null,
      });
    } else if (quota.version < stored.version) {
      this.#sayMissing(quota.version + 1, stored.version);
    } else {
      const known = { windows: this.#known, isWhole: this.#isWhole };
      for (const each of quotaDifferences(quota, stored, known)) this.#say("quota_differs", each);
    }
  }

  #change(entry: LogEntry): void {
    const last = this.#quota ?? this.#begin(entry);
    if (entry.version <= last.version) {
      const found = String(entry.version);
      this.#say("entry_doubled", { column: "version", expected: null, found }, entry);
      return;
    }
    const isBehindGap = entry.version > last.version + 1;
    if (isBehindGap) this.#sayMissing(last.version + 1, entry.version - 1);
    const running = this.#running(entry, last, isBehindGap);
    const fact = factOf(entry, running);
    if (fact === null) {
      const found = entry.action;
      this.#say("entry_differs", { column: "action_type", expected: null, found }, entry);
    }
    const after = fact === null ? running : apply(running, fact);
    if (fact !== null) {
      this.#compare("entry_differs", sumsDifference(sumsOf(after), entry.after, "after"), entry);
    }
    if (entry.action === "suspend" && this.#isWhole && last.suspension === null) {
      this.#options.onSuspended(entry.version);
    }
    this.#quota = withSums({ ...after, version: entry.version }, entry.after);
  }

  /** The quota just before an entry, in the periods that ran. */
  #running(entry: LogEntry, last: Quota, isBehindGap: boolean): Quota {
    const running = runningAt(entry, last, this.#options.calendarAt);
    this.#known = perWindow((name) => {
      const { period } = last.windows[name];
      const hasBegun = period !== unknownPeriod && period !== running.windows[name].period;
      return !isBehindGap && (this.#known[name] || hasBegun);
    });
    const difference = sumsDifference(sumsOf(running), entry.before, "before");
    if (difference === null) return running;
    const moved = isBehindGap ? null : asIfNotMoved(entry, last, running);
    if (moved !== null) {
      this.#hasMoved = true;
      this.#known = noneKnown;
      return moved;
    }
    if (!isBehindGap) this.#say("entry_discontinuous", difference, entry);
    return withSums(running, entry.before);
  }

  #refuse(entry: LogEntry): void {
    this.#compare("entry_differs", sumsDifference(entry.before, entry.after, "after"), entry);
    const last = this.#quota;
    if (last === null) {
      if (entry.version > 0) return;
      const difference = sumsDifference(noSums, entry.before, "before");
      this.#compare("entry_discontinuous", difference, entry);
      return;
    }
    if (entry.version !== last.version) {
      this.#sayMissing(last.version + 1, entry.version);
      this.#known = noneKnown;
      this.#quota = withSums({ ...last, version: entry.version }, entry.before);
      return;
    }
    const running = runningAt(entry, last, this.#options.calendarAt);
    const difference = sumsDifference(sumsOf(running), entry.before, "before");
    this.#compare("entry_discontinuous", difference, entry);
  }

  /**
   * The entry of a sweep tells of a row that nobody has used since. A window stands as the last change left it, or
   * empty where an earlier sweep came by; and so after it.
   */
  #sweep(entry: LogEntry): void {
    const last = this.#quota;
    if (last === null || last.version !== entry.version) return;
    const { before, after } = entry;
    const expected = sumsOf(last);
    const used = perWindow((name) => (before.used[name] === zero ? zero : expected.used[name]));
    const unlike = sumsDifference({ ...expected, used }, before, "before");
    this.#compare("entry_discontinuous", unlike, entry);
    const left = perWindow((name) => (after.used[name] === zero ? zero : before.used[name]));
    this.#compare(
      "entry_differs",
      sumsDifference({ ...before, used: left }, after, "after"),
      entry,
    );
  }

  /** What stood before the first change that the log has. */
  #begin(entry: LogEntry): Quota {
    const { key, calendarAt } = this.#options;
    const empty = emptyQuota(key, calendarAt(entry.at), entry.at);
    if (entry.version === 1) {
      this.#isWhole = true;
      this.#known = perWindow(() => true);
      return empty;
    }
    this.#beginBehind(entry.version - 1);
    const isFirst = runningAt(entry, empty, calendarAt);
    return { ...withSums(isFirst, entry.before), version: entry.version - 1 };
  }

  /** The changes up to a version are not in the log: known why, or a mismatch. */
  #beginBehind(version: number): void {
    const { stored, start, findings } = this.#options;
    const { keptFrom, migratedAt } = start;
    const createdAt = stored?.createdAt ?? null;
    if (createdAt !== null && migratedAt !== null && createdAt <= migratedAt && version === 1) {
      findings.leftOut("keys_of_older_service", 1);
    } else if (createdAt !== null && keptFrom !== null && createdAt < keptFrom) {
      findings.leftOut("keys_with_dropped_entries", 1);
    } else {
      this.#sayMissing(1, version);
    }
  }

  #sayMissing(from: number, to: number): void {
    const expected = from === to ? String(from) : `${from} to ${to}`;
    this.#say("entries_missing", { column: "version", expected, found: null });
  }

  #compare(kind: Mismatch["kind"], difference: Difference | null, entry: LogEntry): void {
    if (difference !== null) this.#say(kind, difference, entry);
  }

  #say(kind: Mismatch["kind"], difference: Difference, entry: LogEntry | null = null): void {
    const { findings, key, shard } = this.#options;
    const { column, expected, found } = difference;
    const order = entry?.orderNo ?? null;
    const id = entry?.id ?? null;
    findings.add({ kind, shard, key: key.text, order, id, what: column, expected, found });
  }
}

function withSums(quota: Quota, { used, pending, reserved }: Sums): Quota {
  const windows = perWindow((name) => ({ ...quota.windows[name], used: used[name] }));
  return { ...quota, windows, pending, reserved };
}
