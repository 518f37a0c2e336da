import { Command } from "commander";

import type { Config } from "../../src/config.ts";
import { onDatabase } from "./database.ts";
import { listNodes } from "./node-list.ts";
import { nodesTable } from "./node-table.ts";

/** `quotactl nodes`: who lives, and with what. */
export function nodesCommand(config: () => Config, print: (line: string) => void): Command {
  return new Command("nodes")
    .description(
      "list the shard nodes that Postgres knows: lease, shards, and what the tables lack",
    )
    .option("--json", "print JSON in place of a table", false)
    .addHelpText(
      "after",
      `
--json: [{ name, writer_id, lease_left_ms, draining, reachable, shards, tail_batches, tail_ms, version, address }]; below 0 the
lease has passed, and others recover the node's writer. The tail is what was committed and is not in the tables yet.
A draining node is one that stops, or that an operator has drained. Edges own nothing and are not listed.`,
    )
    .action(({ json }: { readonly json: boolean }) =>
      onDatabase(config(), async (database) => {
        const nodes = await listNodes(database.reads);
        print(json ? JSON.stringify(nodes, null, 2) : nodesTable(nodes));
      }),
    );
}
