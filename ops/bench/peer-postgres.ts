import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import type { PostgresAddress } from "../../test/support/services-address.ts";
import { serverCpuUsOf } from "./cpu.ts";
import { addressOf, type Ground, loadProgram, sql } from "./ground.ts";
import { peerSchema, peerSums } from "./peer-postgres-sql.ts";
import { outputOf } from "./program.ts";
import { type Case, doubtOf, type Sample } from "./sample.ts";

/** Clients that call at once, on two threads of pgbench. */
const clients = 32;

/** A Postgres function that takes the merchant's row lock, called by pgbench with prepared statements. */
export async function postgresPeers(ground: Ground, merchants: number): Promise<readonly Case[]> {
  const database = await ground.postgres.newDatabase();
  await sql(ground, database, peerSchema);
  await sql(
    ground,
    database,
    `insert into peer_quotas (merchant_id) select 'M-' || n from generate_series(1, ${merchants}) as n;
     insert into peer_quotas (merchant_id) values ('HOT');
     analyze peer_quotas`,
  );
  const over = (name: string, what: string, merchant: string): Case => ({
    name,
    what,
    measure: (run, seconds) => measure(ground, database, { name: run, merchant, seconds }),
  });
  return [
    over("postgres-hot", `Postgres row lock, one hot merchant, pgbench -c${clients}`, "'HOT'"),
    over("postgres-spread", `Postgres row lock, uniform, pgbench -c${clients}`, "'M-' || :m"),
  ];
}

async function measure(
  ground: Ground,
  database: PostgresAddress,
  load: { readonly name: string; readonly merchant: string; readonly seconds: number },
): Promise<Sample> {
  const script = join(ground.folder, `${load.name}.sql`);
  writeFileSync(
    script,
    [
      "\\set m random(1, 10000)",
      "\\set o random(1, 9000000000000000)",
      `select peer_consume(${load.merchant}, '${load.name}-' || :o, 1);\n`,
    ].join("\n"),
  );
  const before = await sql(ground, database, peerSums);
  const cpuBefore = serverCpuUsOf(ground.postmasterPid);
  const output = await outputOf(ground, loadProgram("pgbench"), [
    ...["-n", "-M", "prepared", "-c", String(clients), "-j", "2", "-T", String(load.seconds)],
    ...["-f", script, "-l", "--log-prefix", join(ground.folder, load.name), addressOf(database)],
  ]);
  const postgresUs = serverCpuUsOf(ground.postmasterPid) - cpuBefore;
  const after = await sql(ground, database, peerSums);
  const told = (pattern: RegExp): number => Number(pattern.exec(output)?.[1]);
  const operations = told(/actually processed: (\d+)/);
  const failures = told(/failed transactions: (\d+)/);
  const counted = after.map((value, index) => Number(value) - Number(before[index]));
  const took = latenciesIn(ground.folder, load.name);
  return {
    operations,
    perSecond: told(/tps = ([\d.]+) \(without/),
    p50Ms: took[Math.floor(took.length / 2)] ?? null,
    p99Ms: took[Math.floor(took.length * 0.99)] ?? null,
    doubt: doubtOf(
      [operations > 0 && failures === 0, `pgbench says ${operations} done, ${failures} failed`],
      [
        counted.every((count) => count === operations),
        `used and log rows are ${counted.join(" and ")} more for ${operations} calls`,
      ],
    ),
    details: { postgresCpuUs: postgresUs / operations },
  };
}

/** Milliseconds of each call as pgbench has logged them, ascending. */
function latenciesIn(folder: string, prefix: string): readonly number[] {
  const took: number[] = [];
  for (const file of readdirSync(folder)) {
    if (!file.startsWith(`${prefix}.`) || file.endsWith(".sql")) continue;
    for (const line of readFileSync(join(folder, file), "utf8").split("\n")) {
      const us = line.split(" ")[2];
      if (us !== undefined) took.push(Number(us) / 1_000);
    }
    rmSync(join(folder, file));
  }
  return took.sort((a, b) => a - b);
}
