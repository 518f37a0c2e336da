import { pruneDeadJournal } from "../../shards/jobs/log-retention.ts";
import { prunedRowsMax, pruneJournal } from "../../shards/store/sql.ts";
import type { Database } from "../../src/platform/database.ts";
import { logInto } from "../support/node-harness.ts";
import { rowsOf, sql, storeContract } from "../support/store-contract.ts";

const { contract } = storeContract();

/** A writer whose journal has so many rows, all of them in the tables. @returns its number */
async function writerWith(database: Database, rows: number): Promise<bigint> {
  const [opened] = await rowsOf(
    database,
    "insert into writers (node) values ('node-a') returning writer_id",
  );
  const writerId = BigInt(String(opened?.["writer_id"]));
  await rowsOf(
    database,
    `insert into journal (writer_id, seq, facts, quotas, orders, alerts)
     select $1::bigint, n, '{}', '{}', '{}', '{}' from generate_series(1, $2::int) as n`,
    [writerId, rows],
  );
  await rowsOf(database, "insert into checkpoints values ($1::bigint, $2::bigint)", [
    writerId,
    rows,
  ]);
  return writerId;
}

/** The first row that is left and how many there are. */
async function left(database: Database): Promise<string> {
  const [row] = await rowsOf(database, "select min(seq) as first, count(*) as n from journal");
  return `${String(row?.["n"])} from ${String(row?.["first"])}`;
}

contract("a long journal is pruned piece by piece, oldest first", async (t, database) => {
  const writerId = await writerWith(database, prunedRowsMax + 5);
  const session = database.session("checkpoint");

  await session.run(pruneJournal, [writerId]);
  t.is(await left(database), `5 from ${prunedRowsMax + 1}`);

  await session.run(pruneJournal, [writerId]);
  t.is(await left(database), "0 from null");
});

contract(
  "rows that wait for their events hold up nothing, and go after a day",
  async (t, database) => {
    const writerId = await writerWith(database, 50);
    const session = database.session("checkpoint");
    await rowsOf(database, "insert into event_marks values ($1::bigint, 20)", [writerId]);

    await session.run(pruneJournal, [writerId]);
    t.is(await left(database), "30 from 21");

    await rowsOf(
      database,
      "update journal set written_at = now() - interval '25 hours' where seq <= 40",
    );
    await session.run(pruneJournal, [writerId]);
    t.is(await left(database), "10 from 41");

    await database.reads.run(sql("update writers set closed_at = now()"));
    const around = { database, session: database.session("jobs"), log: logInto([]) };
    await pruneDeadJournal({ ...around, signal: new AbortController().signal });
    t.is(await left(database), "10 from 41", "the job leaves them as well");

    await database.reads.run(sql("delete from event_marks"));
    await pruneDeadJournal({ ...around, signal: new AbortController().signal });
    t.is(await left(database), "0 from null");
  },
);
