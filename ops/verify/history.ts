import { type Key, keyOf, merchantIdOf } from "../../src/domain/ids.ts";
import { zoneOf } from "../../src/domain/period.ts";
import type { Quota } from "../../src/domain/quota.ts";
import type { Row, Session } from "../../src/platform/database.ts";
import { text, textOrNull } from "../../shards/store/row.ts";
import { currencyFrom, quotaFrom } from "../../shards/store/stored.ts";
import { PastCalendar } from "../legacy/calendar.ts";
import { legacyOperator } from "../legacy/row.ts";
import { type ChainHead, ChainReplay } from "./chain-replay.ts";
import type { Findings } from "./findings.ts";
import { entries, quotas, suspensionsWithoutAlert } from "./history-sql.ts";
import { KeyReplay, type LogStart } from "./key-replay.ts";
import { EntryReader, type LogEntry } from "./log-entry.ts";
import { pagesOf } from "./pages.ts";
import type { Slice } from "./slice.ts";

/** Suspensions whose alerts are looked up at once. */
const suspensionsMax = 1_000;

/** What the replay of a slice works with; all statements of the session see one snapshot. */
export interface HistoryOptions {
  readonly session: Session;
  readonly slice: Slice;
  readonly start: LogStart;
  readonly findings: Findings;
  /** Told how many log entries were replayed. */
  readonly onEntries: (entries: number) => void;
}

/** What is stored of a key beside its log. */
interface StoredKey {
  readonly shard: number;
  readonly key: Key;
  readonly quota: Quota | null;
  readonly head: ChainHead | null;
  readonly calendar: PastCalendar;
}

/** A key whose log is being read. */
interface OpenKey {
  readonly sums: KeyReplay;
  readonly chain: ChainReplay;
  readonly head: ChainHead | null;
}

interface BegunSuspension {
  readonly shard: number;
  readonly key: Key;
  readonly version: number;
}

/**
 * Replays the log of every key of a slice and holds the result against the key's quota. Log and quotas are read side by
 * side in the order of shard and key, a page of each in memory.
 */
export async function verifyHistory(options: HistoryOptions): Promise<void> {
  await new History(options).run();
}

class History {
  readonly #options: HistoryOptions;
  readonly #calendars = new Map<string, PastCalendar>();
  readonly #suspensions: BegunSuspension[] = [];

  constructor(options: HistoryOptions) {
    this.#options = options;
  }

  async run(): Promise<void> {
    const { session, slice, findings, onEntries } = this.#options;
    const stored = new StoredFeed(session, slice, (row) => this.#storedFrom(row));
    const reader = new EntryReader();
    let current: { readonly of: LogEntry; readonly open: OpenKey } | null = null;
    for await (const page of pagesOf(session, entries, [slice.from, slice.to, legacyOperator])) {
      for (const row of page) {
        const entry = reader.read(row);
        if (current === null || !isSameKey(current.of, entry)) {
          if (current !== null) finish(current.open);
          current = { of: entry, open: await this.#open(entry, stored) };
        }
        current.open.sums.add(entry);
        current.open.chain.add(entry);
      }
      findings.check("entries", page.length);
      onEntries(page.length);
    }
    if (current !== null) finish(current.open);
    for (;;) {
      const left = await stored.next();
      if (left === null) break;
      finish(this.#keyOf(left.shard, left.key, left));
    }
    await this.#askForAlerts();
  }

  /** The key of an entry; what is stored of keys before it has no entry at all. */
  async #open(entry: LogEntry, stored: StoredFeed): Promise<OpenKey> {
    if (this.#suspensions.length >= suspensionsMax) await this.#askForAlerts();
    const key = keyFrom(entry.merchantId, entry.currency);
    for (;;) {
      const next = await stored.peek();
      const order = next === null ? 1 : byPlace(next, { shard: entry.shard, key });
      if (next === null || order > 0) return this.#keyOf(entry.shard, key, null);
      await stored.next();
      const open = this.#keyOf(next.shard, next.key, next);
      if (order === 0) return open;
      finish(open);
    }
  }

  #keyOf(shard: number, key: Key, stored: StoredKey | null): OpenKey {
    const { start, findings } = this.#options;
    const calendar = stored?.calendar ?? this.#calendarOf("UTC");
    const quota = stored?.quota ?? null;
    const { keptFrom } = start;
    // Of a key that was always refused nobody knows since when there is one.
    const mayBeCut = keptFrom !== null && (quota === null || quota.createdAt < keptFrom);
    findings.check("keys", 1);
    return {
      sums: new KeyReplay({
        key,
        shard,
        stored: quota,
        calendarAt: (at) => calendar.at(at),
        start,
        findings,
        onSuspended: (version) => this.#suspensions.push({ shard, key, version }),
      }),
      chain: new ChainReplay({ shard, key: key.text, mayBeCut, findings }),
      head: stored?.head ?? null,
    };
  }

  #storedFrom(row: Row): StoredKey {
    const [merchantId = "", currency = ""] = text(row, "key_text").split(" ");
    const key = keyFrom(merchantId, currency);
    const zone = textOrNull(row, "timezone");
    const hash = textOrNull(row, "chain_hash");
    return {
      shard: Number(row["key_shard"]),
      key,
      quota: zone === null ? null : quotaFrom(row, key),
      head: hash === null ? null : { entries: Number(row["chain_entries"]), hash },
      calendar: this.#calendarOf(zone ?? "UTC"),
    };
  }

  #calendarOf(name: string): PastCalendar {
    const known = this.#calendars.get(name);
    if (known !== undefined) return known;
    const zone = zoneOf(name);
    if (zone === undefined) throw new Error(`${name} is no time zone, and merchant_quotas has it`);
    const calendar = new PastCalendar(zone);
    this.#calendars.set(name, calendar);
    return calendar;
  }

  async #askForAlerts(): Promise<void> {
    const { session, findings } = this.#options;
    const began = this.#suspensions.splice(0);
    if (began.length === 0) return;
    const missing = await session.run(suspensionsWithoutAlert, [
      began.map((_, place) => place),
      began.map(({ key }) => key.merchantId),
      began.map(({ key }) => key.currency),
      began.map(({ version }) => version),
    ]);
    for (const row of missing) {
      const suspension = began[Number(row["place"])];
      if (suspension === undefined) continue;
      const { shard, key, version } = suspension;
      const of = { shard, key: key.text, order: null, id: null };
      const expected = `of period v${version}`;
      findings.add({ kind: "alert_missing", ...of, what: "suspended", expected, found: null });
    }
  }
}

/** What is stored of a slice's keys, one at a time and one ahead. */
class StoredFeed {
  readonly #pages: AsyncGenerator<readonly Row[], void, void>;
  readonly #read: (row: Row) => StoredKey;
  #page: readonly Row[] = [];
  #at = 0;
  #ahead: StoredKey | null = null;

  constructor(session: Session, slice: Slice, read: (row: Row) => StoredKey) {
    this.#pages = pagesOf(session, quotas, [slice.from, slice.to]);
    this.#read = read;
  }

  async peek(): Promise<StoredKey | null> {
    if (this.#ahead !== null) return this.#ahead;
    if (this.#at === this.#page.length) {
      const { value } = await this.#pages.next();
      this.#page = value ?? [];
      this.#at = 0;
    }
    const row = this.#page[this.#at];
    this.#at += 1;
    this.#ahead = row === undefined ? null : this.#read(row);
    return this.#ahead;
  }

  async next(): Promise<StoredKey | null> {
    const next = await this.peek();
    this.#ahead = null;
    return next;
  }
}

function finish({ sums, chain, head }: OpenKey): void {
  sums.finish();
  chain.finish(head);
}

function isSameKey(a: LogEntry, b: LogEntry): boolean {
  return a.merchantId === b.merchantId && a.currency === b.currency && a.shard === b.shard;
}

interface Place {
  readonly shard: number;
  readonly key: Key;
}

/** In the order of the two cursors: by shard, then by the key's text, byte by byte. */
function byPlace(a: Place, b: Place): number {
  return a.shard - b.shard || Buffer.compare(Buffer.from(a.key.text), Buffer.from(b.key.text));
}

/** @throws Error when it is none: nothing of this service writes such a row */
function keyFrom(merchantId: string, currency: string): Key {
  const merchant = merchantIdOf(merchantId);
  if (merchant === undefined) throw new Error(`${JSON.stringify(merchantId)} is no merchant id`);
  return keyOf(merchant, currencyFrom(currency));
}
