import { setTimeout as wait } from "node:timers/promises";

import type { Clock } from "../../src/platform/clock.ts";
import type { Session } from "../../src/platform/database.ts";
import { Fault } from "../../src/wire/fault.ts";
import { nodesTable } from "./node-table.ts";
import type { Operator } from "./operator.ts";
import { type ClusterView, viewCluster } from "./shard-list.ts";
import { summaryText } from "./shard-table.ts";

/** Between two looks. */
const lookMs = 500;
/** So many of the last events are kept on the screen. */
const eventsShownMax = 15;
const clearScreen = "\u001B[H\u001B[J";

/** What changed between two looks. */
export type ClusterEvent =
  | {
      readonly kind: "moved";
      readonly shard: number;
      /** null = nobody, here and below. */
      readonly from: string | null;
      readonly to: string | null;
      readonly epoch: number;
    }
  | { readonly kind: "pinned"; readonly shard: number; readonly to: string | null }
  | { readonly kind: "joined" | "gone" | "began_anew"; readonly node: string }
  | { readonly kind: "draining"; readonly node: string; readonly draining: boolean }
  | { readonly kind: "unreadable"; readonly reason: string }
  | { readonly kind: "readable" };

/** Nodes first, then shards by number. */
export function eventsBetween(before: ClusterView, after: ClusterView): readonly ClusterEvent[] {
  const events: ClusterEvent[] = [];
  const nodesBefore = new Map(before.cluster.nodes.map((node) => [node.name, node]));
  for (const { name: node, writerId, draining } of after.cluster.nodes) {
    const known = nodesBefore.get(node);
    nodesBefore.delete(node);
    if (!known) events.push({ kind: "joined", node });
    else if (known.writerId !== writerId) events.push({ kind: "began_anew", node });
    if (draining !== (known?.draining ?? false)) events.push({ kind: "draining", node, draining });
  }
  for (const node of nodesBefore.keys()) events.push({ kind: "gone", node });
  const shardsBefore = new Map(before.shards.map((each) => [each.shard, each]));
  for (const { shard, owner: to, epoch, pinned_to } of after.shards) {
    const known = shardsBefore.get(shard);
    const from = known?.owner ?? null;
    if (from !== to || known?.epoch !== epoch) {
      events.push({ kind: "moved", shard, from, to, epoch });
    }
    if (pinned_to !== (known?.pinned_to ?? null)) {
      events.push({ kind: "pinned", shard, to: pinned_to });
    }
  }
  return events;
}

/** An event in words. */
export function eventText(event: ClusterEvent): string {
  switch (event.kind) {
    case "moved":
      return `shard ${event.shard}: ${event.from ?? "nobody"} → ${event.to ?? "nobody"}, epoch ${event.epoch}`;
    case "pinned":
      return `shard ${event.shard}: ${event.to === null ? "unpinned" : `pinned to ${event.to}`}`;
    case "joined":
      return `node ${event.node} lives`;
    case "gone":
      return `node ${event.node} is gone`;
    case "began_anew":
      return `node ${event.node} began anew, with another writer`;
    case "draining":
      return `node ${event.node} is ${event.draining ? "drained" : "not drained any more"}`;
    case "unreadable":
      return `Postgres does not say: ${event.reason}`;
    case "readable":
      return "Postgres answers again";
  }
}

/**
 * Shows what changes: on a terminal as a screen that is drawn anew, else a line each. It goes on while Postgres is away.
 * @param options.forMs null = until it is stopped
 * @param options.isJson each change as a JSON object on a line of its own
 */
export async function watchCluster(
  session: Session,
  options: {
    readonly clock: Clock;
    readonly operator: Operator;
    readonly print: (line: string) => void;
    readonly forMs: number | null;
    readonly isJson: boolean;
  },
): Promise<void> {
  const { clock, operator, print, forMs, isJson } = options;
  const isDrawn = operator.seesAnswer && !isJson;
  const untilMs = forMs === null ? Infinity : clock.elapsedMs() + forMs;
  const shown: string[] = [];
  let view = await viewCluster(session);
  let isAway = false;
  if (!isDrawn && !isJson) print(summaryText(view.shards, view.cluster));
  const tell = (event: ClusterEvent): void => {
    const at = new Date(clock.now()).toISOString();
    if (isJson) print(JSON.stringify({ at, ...event }));
    else if (isDrawn) shown.push(`${at} ${eventText(event)}`);
    else print(`${at} ${eventText(event)}`);
  };
  for (;;) {
    if (isDrawn) {
      shown.splice(0, shown.length - eventsShownMax);
      print(
        [
          `${clearScreen}${nodesTable(view.nodes)}`,
          summaryText(view.shards, view.cluster),
          ...shown,
        ].join("\n"),
      );
    }
    await wait(lookMs, null, { signal: operator.stop }).catch(() => null);
    if (operator.stop.aborted || clock.elapsedMs() >= untilMs) return;
    try {
      const now = await viewCluster(session);
      if (isAway) tell({ kind: "readable" });
      isAway = false;
      for (const event of eventsBetween(view, now)) tell(event);
      view = now;
    } catch (error) {
      if (!(error instanceof Fault) || error.code === "INTERNAL") throw error;
      if (!isAway) tell({ kind: "unreadable", reason: error.message });
      isAway = true;
    }
  }
}
