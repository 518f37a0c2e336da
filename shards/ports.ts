import type { Key, KeyText } from "../src/domain/ids.ts";
import type { AlertLevel, Limits } from "../src/domain/limits.ts";
import type { Order } from "../src/domain/order.ts";
import type { Instant } from "../src/domain/instant.ts";
import type { Quota } from "../src/domain/quota.ts";
import type { Fault } from "../src/wire/fault.ts";

/** The limits of one key, as its actor has them: at hand in every turn, and refreshed beside the turns. */
export interface KeyLimits {
  /** Resolves when enough is known for the first turn, after one try at most; null = it is. */
  readonly first: Promise<void> | null;
  /** In force now. */
  inForce(): Limits;
  /** Why nothing may be taken now; null = it may. */
  hindrance(): Fault | null;
  /** Begins to fetch them anew if they are old. */
  refreshIfOld(): void;
  /** Fetches them anew. Resolves when that is over, well or not. */
  refresh(): Promise<void>;
}

export interface LimitsBook {
  /** @param stored what was known before a restart */
  open(key: Key, shard: number, stored: StoredLimits | undefined): KeyLimits;
}

/** Limits as they are kept outside memory. */
export interface StoredLimits {
  /** See `storedPolicy`. */
  readonly policy: string;
  readonly fetchedAt: Instant;
}

/** A key as the tables have it: its quota and the orders whose holds are open. */
export interface StoredKey {
  readonly quota: Quota;
  readonly holds: readonly Order[];
}

/** What a batch of commands needs from the tables; what is absent was never used. */
export interface Found {
  readonly keys: ReadonlyMap<KeyText, StoredKey>;
  readonly orders: ReadonlyMap<string, Order>;
  readonly limits: ReadonlyMap<KeyText, StoredLimits>;
}

/** Reads what turns need, for a whole batch in one round trip. */
export interface Lookup {
  find(keys: readonly Key[], orderKeys: readonly string[]): Promise<Found>;
  /** Keys of these shards with open holds that are due: the next turn of such a key drops them. */
  keysWithDueHolds(shards: readonly number[], now: Instant): Promise<readonly Key[]>;
}

/** What the owners report for /metrics. */
export interface Meter {
  /** @param outcome accepted, duplicate, or the code of the refusal or fault */
  operation(action: string, outcome: string): void;
  queueWaited(seconds: number): void;
  /** All turns of one round. */
  turnsTaken(seconds: number): void;
  /** A batch was sent. @param seconds from its first fact until then */
  journalWaited(seconds: number): void;
  journalCommitted(facts: number, seconds: number): void;
  checkpointWritten(facts: number, seconds: number): void;
  alertRaised(type: string, level: AlertLevel): void;
  epochChanged(): void;
  /** A shard was handed over. @param seconds from its sealing until it was another's in Postgres */
  handedOver(seconds: number): void;
}

/** Tells nodes of shards that have moved, for speed alone: what is not heard is seen at the next look. */
export interface Announcer {
  /** @param toNode who owns them now; null = nobody, they are free */
  moved(shards: readonly number[], toNode: string | null): void;
  /** Hears of what others have moved, and may hear of its own. @returns ends it */
  onMoved(listen: (shards: readonly number[], toNode: string | null) => void): () => void;
}

/** The line on which the edges of other processes reach this node. */
export interface Line {
  /** Asks it for a sign of life, without waiting. */
  ask(): void;
  /** It is there, and no question has been without an answer for long. */
  readonly isHeard: boolean;
}

/** Where owners write what an operator should know. */
export interface Log {
  info(fields: object, text: string): void;
  warn(fields: object, text: string): void;
  error(fields: object, text: string): void;
}
