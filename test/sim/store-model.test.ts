import { join } from "node:path";

import test from "ava";

import { makeShards } from "../../shards/ownership/sql.ts";
import type { Database, Row } from "../../src/platform/database.ts";
import { openPostgres } from "../../src/platform/postgres.ts";
import { until } from "../support/node-clock.ts";
import { midday } from "../support/quota-builders.ts";
import { realPostgres } from "../support/services.ts";
import { emptyAllText, rowsOf } from "../support/store-contract.ts";
import { BatchSource } from "./contract/batch-source.ts";
import { Hands, textOf } from "./contract/hands.ts";
import { type Hand, hands, Script, shardCount, type Step } from "./contract/script.ts";
import { databaseOf } from "./store/database.ts";
import { modelled } from "./store/modelled.ts";
import { readSchema } from "./store/schema.ts";
import { Server } from "./store/server.ts";
import { Agenda } from "./time/agenda.ts";
import { Dice } from "./time/dice.ts";
import { Process } from "./time/process.ts";
import { Trace } from "./time/trace.ts";

const scripts = 25;
const stepsOfScript = 60;
/** Of the model: who has no answer by then waits for a lock. */
const settledMs = 1_800;
const lookMs = 20;

/** A store, and what tells that whoever waits in it waits for a lock. */
interface Store {
  readonly database: Database;
  readonly settled: (hands: Hands) => Promise<void>;
  /** The log and the alerts. */
  readonly dump: () => Promise<readonly (readonly Row[])[]>;
}

const logColumns = ["merchant_id", "action_type", "operator_type", "version", "chain_no"] as const;
const alertColumns = ["merchant_id", "alert_type", "period", "version", "usage_percent"] as const;

function modelStore(seed: number): Store {
  const agenda = new Agenda();
  const trace = new Trace(() => agenda.nowMs);
  const dice = new Dice(seed);
  const schema = readSchema(join(process.cwd(), "migrations"));
  const server = new Server({ agenda, dice, trace, schema, statements: modelled, wallMs: midday });
  const only = (row: Row, columns: readonly string[]): Row =>
    Object.fromEntries(columns.map((column) => [column, row[column]]));
  return {
    database: databaseOf(server, new Process(agenda, "program", midday)),
    settled: async (told) => {
      const untilMs = agenda.nowMs + settledMs;
      while (told.waiting > 0 && agenda.nowMs < untilMs) await agenda.until(agenda.nowMs + lookMs);
    },
    dump: () => {
      const { logs, alerts } = server.tables;
      const seen = server.begin();
      if (server.bug) throw server.bug;
      return Promise.resolve([
        [...logs.rows(seen)].map(([, row]) => only(row, logColumns)),
        [...alerts.rows(seen)].map(([, row]) => only(row, alertColumns)),
      ]);
    },
  };
}

function postgresStore(database: Database): Store {
  return {
    database,
    settled: (told) =>
      until("whoever waits waits for a lock", async () => {
        // Counted before the question: who is answered while it is asked had held the lock that another still waits for.
        const { waiting } = told;
        if (waiting === 0) return true;
        const [row] = await rowsOf(
          database,
          `select count(distinct pid) as waiting from pg_locks join pg_stat_activity using (pid)
           where not granted and datname = current_database()`,
        );
        return told.waiting === waiting && row?.["waiting"] === BigInt(waiting);
      }),
    dump: () =>
      Promise.all([
        rowsOf(database, `select ${logColumns.join(", ")} from quota_usage_logs`),
        rowsOf(database, `select ${alertColumns.join(", ")} from quota_alerts`),
      ]),
  };
}

/** Tells a store a script of three connections. @returns all that it answered, step by step */
async function tell(store: Store, seed: number): Promise<readonly string[]> {
  const dice = new Dice(seed);
  const script = new Script(dice, new BatchSource(dice, shardCount));
  const told = new Hands(store.database);
  const transcript: string[] = [];
  const step = async (taken: Step): Promise<void> => {
    told.take(taken);
    await store.settled(told);
    for (const heard of told.heard()) transcript.push(heard);
    for (const hand of hands) if (told.isBusy(hand)) transcript.push(`${hand} waits`);
  };
  await step({ hand: "left", kind: "run", statement: makeShards, values: [shardCount] });
  for (const first of script.beginning()) await step(first);
  for (let n = 0; n < stepsOfScript; n += 1) await step(nextStep(script, told, dice));
  if (told.holder) await step({ hand: told.holder, kind: "commit" });
  for (const rows of await store.dump()) transcript.push(textOf(rows));
  return transcript;
}

/** One transaction at a time stays open; when somebody waits for it, it ends. */
function nextStep(script: Script, told: Hands, dice: Dice): Step {
  const { holder } = told;
  const free = dice.oneOf(hands.filter((hand: Hand) => !told.isBusy(hand)));
  if (holder !== undefined && (told.waiting > 0 || dice.says(0.1))) {
    return { hand: holder, kind: dice.says(0.7) ? "commit" : "rollback" };
  }
  if (holder === undefined && dice.says(0.2)) return { hand: free, kind: "begin" };
  return script.next(free);
}

test("the model of the store answers as Postgres does, whatever three connections ask of it", async (t) => {
  t.timeout(180_000);
  const server = await realPostgres();
  if ("skipped" in server) {
    t.pass();
    return;
  }
  const database = openPostgres({
    ...(await server.migratedDatabase()),
    statementTimeoutMs: 60_000,
  });
  try {
    let waits = 0;
    for (let seed = 1; seed <= scripts; seed += 1) {
      await rowsOf(database, emptyAllText);
      const wanted = await tell(postgresStore(database), seed);
      const found = await tell(modelStore(seed), seed);
      waits += wanted.filter((line) => line.endsWith("waits")).length;

      const at = found.findIndex((line, n) => line !== wanted[n]);
      t.is(
        found[at],
        wanted[at],
        `script ${seed}, line ${at}, after ${found.slice(0, at).slice(-12).join("\n")}`,
      );
      t.is(found.length, wanted.length);
    }
    t.true(waits > 0, "nobody ever waited for a lock");
  } finally {
    await database.close();
    await server.stop();
  }
});
