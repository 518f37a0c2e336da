import { forgetLimits, limitsByKey, rememberLimits } from "../../../shards/limits/sql.ts";
import { nextMidnights, turnPeriods } from "../../../shards/jobs/sql.ts";
import {
  allShards,
  closeWriter,
  drainLease,
  endLease,
  expiredWriters,
  freeShards,
  handOverShards,
  holdLease,
  journalTail,
  keepShards,
  liveNodes,
  openWriter,
  ownedShards,
  renewLease,
  startCheckpoint,
  startLease,
  takeFreeShards,
  writersOfNode,
} from "../../../shards/ownership/sql.ts";
import {
  commitBatch,
  keysWithDueHolds,
  openHoldsByKey,
  ordersByKey,
  pruneJournal,
  quotasByKey,
  writeCheckpoint,
} from "../../../shards/store/sql.ts";
import type { Statement } from "../../../src/platform/database.ts";
import { storyKeys } from "../../support/store-story.ts";
import type { Dice } from "../time/dice.ts";
import type { BatchSource } from "./batch-source.ts";

export const hands = ["left", "right", "third"] as const;
export type Hand = (typeof hands)[number];

/** What one of three connections does next. */
export type Step =
  | { readonly hand: Hand; readonly kind: "begin" | "commit" | "rollback" }
  | {
      readonly hand: Hand;
      readonly kind: "run";
      readonly statement: Statement;
      readonly values: readonly unknown[];
    };

type Said = readonly [statement: Statement, values: readonly unknown[]];

const longMs = 3_600_000;
const writersMax = 4;
export const shardCount = 4;
const nodes = ["a", "b"];
const reaches = [true, false, null];
const dayAfter = new Date("2026-11-23T00:01:00Z");
const keyTexts = storyKeys.map(({ text }) => text);
const orderKeys = keyTexts.flatMap((key) => ["A-1", "A-2", "HA-1"].map((no) => `${key} ${no}`));

/** Statements as a cluster sends them, and as none would: of writers that are closed, shards of others, old epochs. */
export class Script {
  readonly #dice: Dice;
  readonly #batches: BatchSource;
  readonly #seqs = new Map<bigint, number>();

  constructor(dice: Dice, batches: BatchSource) {
    this.#dice = dice;
    this.#batches = batches;
  }

  /** What any script begins with: writers with leases that last and that have passed, and shards. */
  beginning(): readonly Step[] {
    const step = (statement: Statement, values: readonly unknown[]): Step => ({
      hand: "left",
      kind: "run",
      statement,
      values,
    });
    return Array.from({ length: writersMax }, (_, n) => BigInt(n + 1)).flatMap((writerId) => [
      step(openWriter, [nodes[Number(writerId) % nodes.length]]),
      step(startCheckpoint, [writerId]),
      step(startLease, [writerId, writerId === 2n ? -longMs : longMs, "here", "1", false, null]),
    ]);
  }

  /** Any statement with any values. */
  next(hand: Hand): Step {
    const dice = this.#dice;
    const writerId = BigInt(1 + dice.below(writersMax));
    const other = BigInt(1 + dice.below(writersMax));
    const some = Array.from({ length: shardCount }, (_, n) => n).filter(() => dice.says(0.6));
    const shards = some.length > 0 ? some : [0];
    const epochs = shards.map(() => BigInt(dice.below(4)));
    const keys = keyTexts.filter(() => dice.says(0.7));
    const times = keys.map(() => new Date(dayAfter.getTime() + dice.below(5) * 1_000));
    const texts = keys.map((_, n) => JSON.stringify({ daily_limit: String(n + dice.below(3)) }));
    const choices: readonly (() => Said)[] = [
      () => [closeWriter, [writerId]],
      () => [closeWriter, [writerId]],
      () => [renewLease, [writerId, dice.says(0.5) ? longMs : -longMs, dice.oneOf(reaches)]],
      () => [holdLease, [writerId, dice.oneOf([null, longMs, -longMs])]],
      () => [expiredWriters, []],
      () => [liveNodes, []],
      () => [writersOfNode, [dice.says(0.5) ? dice.oneOf(nodes) : null]],
      () => [freeShards, [writerId]],
      () => [endLease, [writerId]],
      () => [drainLease, [writerId]],
      () => [takeFreeShards, [writerId, shards]],
      () => [takeFreeShards, [writerId, shards]],
      () => [takeFreeShards, [writerId, shards]],
      () => [ownedShards, [writerId]],
      () => [allShards, []],
      () => [handOverShards, [writerId, other, shards, epochs]],
      () => [handOverShards, [writerId, other, shards, epochs]],
      () => [keepShards, [writerId, shards]],
      () => [journalTail, [writerId]],
      () => this.#commit(writerId),
      () => this.#commit(writerId),
      () => this.#commit(writerId),
      () => this.#commit(writerId),
      () => [writeCheckpoint, [writerId, this.#someSeq(writerId)]],
      () => [writeCheckpoint, [writerId, this.#someSeq(writerId)]],
      () => [writeCheckpoint, [writerId, this.#someSeq(writerId)]],
      () => [pruneJournal, [writerId]],
      () => [ordersByKey, [orderKeys]],
      () => [quotasByKey, [keyTexts]],
      () => [openHoldsByKey, [keyTexts]],
      () => [keysWithDueHolds, [shards, new Date("2026-12-22T12:00:00Z")]],
      () => [rememberLimits, [keys, keys.map(() => 1), texts, texts.map(() => null), times]],
      () => [forgetLimits, [keys, times]],
      () => [limitsByKey, [keyTexts]],
      () => [nextMidnights, []],
      () => [turnPeriods, turning],
    ];
    const [statement, values] = dice.oneOf(choices)();
    return { hand, kind: "run", statement, values };
  }

  #commit(writerId: bigint): Said {
    const seq = (this.#seqs.get(writerId) ?? 0) + 1;
    // Now and then the same batch number again: the journal has it already.
    if (!this.#dice.says(0.1)) this.#seqs.set(writerId, seq);
    return [commitBatch, [writerId, seq, ...this.#batches.columns(seq)]];
  }

  #someSeq(writerId: bigint): number {
    return this.#dice.below((this.#seqs.get(writerId) ?? 0) + 2);
  }
}

/** A sweep of the day after the story's. */
const turning = [
  "UTC",
  dayAfter,
  dayAfter,
  "2026-11-23",
  "2026-11",
  "2026",
  "2026-11-24T00:00:00Z",
  "2026-12-01T00:00:00Z",
  "2027-01-01T00:00:00Z",
];
