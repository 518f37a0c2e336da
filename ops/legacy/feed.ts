import type { Row, Session, Statement } from "../../src/platform/database.ts";
import {
  closeLimits,
  closeLogs,
  declareLimits,
  declareLogs,
  fetchLimits,
  fetchLogs,
} from "./source-sql.ts";

/** A merchant of the old service: in merchant_limits, in its log, or in both. */
export interface FedMerchant {
  readonly merchantId: string;
  /** null = it has log rows only. */
  readonly limits: Row | null;
}

/** A cursor's rows by merchant, a page of 2,000 in memory at a time. */
class Pages {
  readonly #session: Session;
  readonly #fetch: Statement;
  #page: readonly Row[] = [];
  #at = 0;
  #isOver = false;

  constructor(session: Session, fetch: Statement) {
    this.#session = session;
    this.#fetch = fetch;
  }

  /** The merchant of the next row; null = there is none. */
  async merchantId(): Promise<string | null> {
    while (this.#at === this.#page.length && !this.#isOver) {
      this.#page = await this.#session.run(this.#fetch);
      this.#at = 0;
      this.#isOver = this.#page.length === 0;
    }
    const row = this.#page[this.#at];
    return row === undefined ? null : String(row["merchant_id"]);
  }

  /** What the page holds of a merchant; empty = there is no more, in this page or a later one. */
  async take(merchantId: string): Promise<readonly Row[]> {
    if ((await this.merchantId()) !== merchantId) return [];
    const from = this.#at;
    while (this.#page[this.#at]?.["merchant_id"] === merchantId) this.#at += 1;
    return this.#page.slice(from, this.#at);
  }
}

/**
 * Everything that the old service has, merchant by merchant in the order of their ids (byte by byte), read once and
 * never held as a whole. Its statements run in the transaction of the snapshot.
 */
export class Feed {
  readonly #session: Session;
  readonly #limits: Pages;
  readonly #logs: Pages;

  private constructor(session: Session) {
    this.#session = session;
    this.#limits = new Pages(session, fetchLimits);
    this.#logs = new Pages(session, fetchLogs);
  }

  /** @param behind the merchant after which to begin; null = with the first */
  static async open(session: Session, behind: string | null): Promise<Feed> {
    await session.run(declareLimits, [behind]);
    await session.run(declareLogs, [behind]);
    const feed = new Feed(session);
    // The first page makes the old database sort: it is asked for before anybody holds a transaction and waits.
    await Promise.all([feed.#limits.merchantId(), feed.#logs.merchantId()]);
    return feed;
  }

  /** The next merchant; its log must have been read to the end before. null = that was the last. */
  async next(): Promise<FedMerchant | null> {
    const ofLimits = await this.#limits.merchantId();
    const ofLogs = await this.#logs.merchantId();
    if (ofLimits === null && ofLogs === null) return null;
    if (ofLimits === null || (ofLogs !== null && byBytes(ofLogs, ofLimits) < 0)) {
      return { merchantId: ofLogs ?? "", limits: null };
    }
    const [limits = null] = await this.#limits.take(ofLimits);
    return { merchantId: ofLimits, limits };
  }

  /** Some of the merchant's log rows, oldest first; empty = there are no more. */
  logs(merchantId: string): Promise<readonly Row[]> {
    return this.#logs.take(merchantId);
  }

  async close(): Promise<void> {
    await this.#session.run(closeLimits);
    await this.#session.run(closeLogs);
  }
}

/** As collate "C" compares. */
function byBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
