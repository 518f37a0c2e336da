import type { Change } from "../../shards/operators/change.ts";
import { type ListedShard, isUnsettled } from "./shard-list.ts";
import { type Layout, type ShardMove, spreadOf } from "../../shards/operators/layout.ts";
import { counted, rangesText, secondsText, tableText } from "./table.ts";

/** Shards, a line each. */
export function shardsTable(shards: readonly ListedShard[]): string {
  return tableText(
    ["Shard", "Owner", "Epoch", "Pinned to", "Planned", "Not in the tables yet"],
    shards.map((each) => [
      each.shard,
      ownerText(each),
      each.epoch,
      each.pinned_to ?? "",
      each.planned === each.owner ? "" : (each.planned ?? "nobody lives"),
      tailText(each),
    ]),
  );
}

/** One shard, a line for each thing that is known of it. */
export function shardTable(shard: ListedShard, address: string | null): string {
  return tableText(
    [],
    [
      ["Shard", shard.shard],
      ["Owner", ownerText(shard)],
      ["Address", address ?? ""],
      ["Epoch", shard.epoch],
      ["Pinned to", shard.pinned_to ?? ""],
      ["Planned", shard.planned ?? "nobody lives"],
      ["Not in the tables yet", tailText(shard)],
    ],
  );
}

/** All shards in a sentence. */
export function summaryText(shards: readonly ListedShard[], layout: Layout): string {
  const pinned = shards.filter(({ pinned_to }) => pinned_to !== null).length;
  const moving = shards.filter(
    ({ state, owner, planned }) => state === "owned" && owner !== planned,
  );
  const ownerless = shards.filter(({ state }) => state !== "owned").length;
  const parts = [
    spreadText(layout),
    ...(pinned > 0 ? [`${pinned} pinned`] : []),
    ...(moving.length > 0 ? [`${moving.length} on the move`] : []),
    ...(ownerless > 0 ? [`${ownerless} without an owner who lives`] : []),
  ];
  const rest = shards.some(isUnsettled) ? "" : "; all are where the plan has them";
  return `${counted(shards.length, "shard")}: ${parts.join("; ")}${rest}`;
}

/** What a change will do, before it is made. */
export function changeText(before: Layout, { title, moves, outcome, notes }: Change): string {
  const foreseen =
    moves.length === 0
      ? "no shard moves"
      : `${counted(moves.length, "shard")} will move, as things are now:\n${movesTable(moves)}`;
  return [
    `${title}: ${foreseen}`,
    `now:  ${spreadText(before)}`,
    `then: ${spreadText(outcome)}`,
    ...notes,
    "",
  ].join("\n");
}

function movesTable(moves: readonly ShardMove[]): string {
  const byWay = new Map<string, { readonly way: readonly string[]; readonly shards: number[] }>();
  for (const { shard, from, to } of moves) {
    const way = [from ?? "nobody", to];
    const found = byWay.get(way.join(" ")) ?? { way, shards: [] };
    byWay.set(way.join(" "), found);
    found.shards.push(shard);
  }
  return tableText(
    ["From", "To", "Shards", "Which"],
    [...byWay.values()].map(({ way, shards }) => [...way, shards.length, rangesText(shards)]),
  );
}

function spreadText(layout: Layout): string {
  const spread = [...spreadOf(layout)].map(([name, count]) => `${name} ${count}`);
  return spread.length === 0 ? "no node lives" : spread.join(", ");
}

function ownerText({ state, owner }: ListedShard): string {
  if (state === "free") return "nobody";
  return state === "lost" ? `${owner ?? "?"}, lease passed` : (owner ?? "?");
}

function tailText({ tail_batches, tail_ms }: ListedShard): string {
  return tail_batches === 0 ? "" : `${counted(tail_batches, "commit")}, ${secondsText(tail_ms)}`;
}
