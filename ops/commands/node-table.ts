import type { ListedNode } from "./node-list.ts";
import { secondsText, tableText } from "./table.ts";

/** Nodes, a line each. */
export function nodesTable(nodes: readonly ListedNode[]): string {
  if (nodes.length === 0) return "no node lives";
  return tableText(
    [
      "Node",
      "Writer",
      "Lease left",
      "Shards",
      "Drained",
      "NATS",
      "Not in the tables yet",
      "Version",
      "Address",
    ],
    nodes.map((node) => [
      node.name,
      node.writer_id,
      node.lease_left_ms > 0
        ? secondsText(node.lease_left_ms)
        : `passed ${secondsText(-node.lease_left_ms)} ago`,
      node.shards,
      node.draining ? "yes" : "",
      node.reachable === false ? "silent" : "",
      node.tail_batches === 0 ? "" : `${node.tail_batches}, ${secondsText(node.tail_ms)}`,
      node.version,
      node.address,
    ]),
  );
}
