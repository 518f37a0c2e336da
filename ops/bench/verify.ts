import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";

import { Command } from "commander";

import { applyMigrations } from "../../src/platform/migrations.ts";
import { openPostgres } from "../../src/platform/postgres.ts";
import { packageFolder } from "../../src/platform/package.ts";
import { shardOf } from "../../src/wire/placement.ts";
import { harness, killAll } from "../../test/support/node-harness.ts";
import {
  confirm,
  consume,
  key,
  limits,
  release,
  reserve,
  settle,
} from "../../test/support/quota-builders.ts";
import { type PostgresAddress, realPostgres } from "../../test/support/services.ts";
import { cpuUsOf, postmasterAt, serverCpuUsOf } from "./cpu.ts";
import { after, before, copiesOf } from "./verify-sql.ts";

/*
 * Measures `quotactl verify`: a Postgres of its own is filled with the logs of many keys, a hundred entries and forty
 * orders each, and verified by a process of its own. Written to standard output: rows, seconds, processor seconds.
 */
const entriesOfKey = 100;
const ordersOfKey = 40;
/** Keys whose entries lie mixed in the table, as they do where all are busy at once. */
const keysAtOnce = 1_000;
const shards = 256;
const pollMs = 200;
/** Making an index over all rows. */
const copyMaxMs = 900_000;

const say = (progress: string): void => {
  process.stderr.write(`verify: ${progress}\n`);
};

async function main({ rows }: { readonly rows: string }): Promise<void> {
  const keys = Math.ceil(Number(rows) / entriesOfKey);
  const postgres = await realPostgres({ own: true });
  if ("skipped" in postgres) throw new Error(`no Postgres to measure on: ${postgres.skipped}`);
  try {
    const address = await postgres.newDatabase();
    await tellOne(address);
    await copy(address, keys);
    const server = postmasterAt(postgres.port);
    const { seconds, nodeSeconds, serverSeconds, text } = await verified(address, server);
    process.stdout.write(text);
    process.stdout.write(
      `${keys * entriesOfKey} log rows of ${keys} keys, ${keys * ordersOfKey} orders: ${seconds.toFixed(1)} s by the clock, ${nodeSeconds.toFixed(1)} s of node and ${serverSeconds.toFixed(1)} s of Postgres by processor time\n`,
    );
  } finally {
    await postgres.stop();
  }
}

/** The log of one key, as a node writes it. */
async function tellOne(address: PostgresAddress): Promise<void> {
  const database = openPostgres({ ...address, statementTimeoutMs: 30_000 });
  await applyMigrations(database);
  const { node, ask } = harness(database, { limits: limits({}), shards });
  await node.start();
  for (let order = 1; order <= ordersOfKey / 2; order += 1) {
    for (const command of [
      consume(`A-${order}`, 50n),
      release(`A-${order}`, 20n, "R-1"),
      reserve(`H-${order}`, 30n, 3_600_000),
      confirm(`H-${order}`, 25n),
      settle(`H-${order}`),
    ]) {
      const { kind } = await ask({ ...command, key: key("M-0") });
      if (kind !== "accepted") throw new Error(`an order was ${kind}`);
    }
  }
  await node.stop();
  killAll();
  await database.close();
}

/** The same for other keys, each with its own chain. */
async function copy(address: PostgresAddress, keys: number): Promise<void> {
  const database = openPostgres({ ...address, statementTimeoutMs: copyMaxMs });
  const session = database.session("jobs");
  for (const statement of before) await session.run(statement);
  for (let first = 1; first < keys; first += keysAtOnce) {
    const merchants = Array.from(
      { length: Math.min(keysAtOnce, keys - first) },
      (_, n) => `M-${first + n}`,
    );
    const places = merchants.map((merchant) => shardOf(key(merchant), shards));
    for (const statement of copiesOf) await session.run(statement, [merchants, places]);
    if (first % 10_000 === 1) say(`${first - 1 + merchants.length} of ${keys} keys are there`);
  }
  for (const statement of after) await session.run(statement);
  await database.close();
}

interface Cost {
  readonly seconds: number;
  readonly nodeSeconds: number;
  readonly serverSeconds: number;
  readonly text: string;
}

async function verified(address: PostgresAddress, server: number): Promise<Cost> {
  const child = spawn(
    process.execPath,
    [join(packageFolder(), "dist", "ops", "quotactl.js"), "verify"],
    {
      cwd: "/",
      env: {
        DB_HOST: address.host,
        DB_PORT: String(address.port),
        DB_USER: address.user,
        DB_PASSWORD: address.password,
        DB_NAME: address.database,
      },
      stdio: ["ignore", "pipe", "inherit"],
    },
  );
  let text = "";
  child.stdout.setEncoding("utf8").on("data", (part: string) => (text += part));
  const startedMs = performance.now();
  const serverBeforeUs = serverCpuUsOf(server);
  const { pid = 0 } = child;
  let nodeUs = 0;
  const timer = setInterval(() => {
    nodeUs = cpuUsOf(pid);
  }, pollMs);
  const [code] = (await once(child, "close")) as [number | null];
  clearInterval(timer);
  if (code !== 0) throw new Error(`verify ended with ${String(code)}: ${text}`);
  return {
    seconds: (performance.now() - startedMs) / 1_000,
    nodeSeconds: nodeUs / 1e6,
    serverSeconds: (serverCpuUsOf(server) - serverBeforeUs) / 1e6,
    text,
  };
}

await new Command("verify")
  .description("measure `quotactl verify` on a Postgres of its own")
  .option("--rows <rows>", "rows of the log", "1000000")
  .action(main)
  .parseAsync();
