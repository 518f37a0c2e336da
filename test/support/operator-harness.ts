import anyTest, { type ExecutionContext, type TestFn } from "ava";

import { Ending, exitCode } from "../../ops/commands/ending.ts";
import { nodesCommand } from "../../ops/commands/nodes.ts";
import { shardsCommand } from "../../ops/commands/shards.ts";
import { WishRefused } from "../../shards/operators/checked.ts";
import { type Config, loadConfig } from "../../src/config.ts";
import type { Database } from "../../src/platform/database.ts";
import { openPostgres } from "../../src/platform/postgres.ts";
import { Cluster } from "./cluster-harness.ts";
import { type FakeOperator, fakeOperator } from "./fake-operator.ts";
import { killAll } from "./node-harness.ts";
import { postgresEnvironment } from "./service-process.ts";
import { type RealPostgres, realPostgres } from "./services.ts";
import { rowsOf } from "./store-contract.ts";

/** Of every cluster here. */
export const shards = 12;

const statementTimeoutMs = 60_000;

export interface Stage {
  readonly server: RealPostgres | null;
}

/** Nodes that live, and an operator's settings to reach their database. */
export interface Scene {
  readonly cluster: Cluster;
  readonly database: Database;
  readonly config: Config;
}

/** What a command answered, and the exit code with which it would end. */
export interface Ran {
  readonly code: number;
  readonly answer: string;
  readonly said: string;
}

/** Opens a Postgres before the tests of a file and closes it after; each body has a database and nodes of its own. */
export function onClusters(): (
  title: string,
  nodes: readonly string[],
  body: (t: ExecutionContext<Stage>, scene: Scene) => Promise<void>,
) => void {
  const test = anyTest.serial as TestFn<Stage>;
  test.before(async (t) => {
    const server = await realPostgres();
    t.context = { server: "skipped" in server ? null : server };
  });
  test.after.always(async (t) => {
    await t.context.server?.stop();
  });
  return (title, nodes, body) => {
    test(title, async (t) => {
      const { server } = t.context;
      if (server === null) {
        t.pass();
        return;
      }
      const address = await server.migratedDatabase();
      const database = openPostgres({ ...address, statementTimeoutMs });
      const cluster = new Cluster(database, shards);
      try {
        for (const name of nodes) await cluster.join(name);
        const share = shards / nodes.length;
        await cluster.untilOwned(Object.fromEntries(nodes.map((name) => [name, share])));
        await body(t, { cluster, database, config: loadConfig(postgresEnvironment(address)) });
      } finally {
        killAll();
        await database.close();
      }
    });
  };
}

/** Runs a command as an operator gives it, such as `shards list`. */
export async function quotactl(
  config: Config,
  words: string,
  operator: FakeOperator = fakeOperator(),
): Promise<Ran> {
  const answers: string[] = [];
  const print = (line: string): number => answers.push(line);
  const [noun = "", ...rest] = words.split(" ");
  const command =
    noun === "nodes"
      ? nodesCommand(() => config, print)
      : shardsCommand(() => config, print, operator);
  let code = 0;
  let failure = "";
  try {
    await command.parseAsync(rest, { from: "user" });
  } catch (error) {
    if (error instanceof Ending) code = error.exitCode;
    else if (error instanceof WishRefused) code = exitCode.refused;
    else throw error;
    failure = error.message;
  }
  return { code, answer: answers.join("\n"), said: operator.said() + failure };
}

/** Which shards are pinned, and where to. */
export async function pins(database: Database): Promise<readonly unknown[]> {
  const rows = await rowsOf(
    database,
    "select shard, pinned_node from shards where pinned_node is not null order by shard",
  );
  return rows.map((row) => [row["shard"], row["pinned_node"]]);
}
