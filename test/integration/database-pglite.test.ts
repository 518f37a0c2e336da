import { spawn } from "node:child_process";
import { once } from "node:events";
import { fdatasyncSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import anyTest, { type TestFn } from "ava";

import type { Database } from "../../src/platform/database.ts";
import { openPglite } from "../../src/platform/pglite.ts";
import type { Fault } from "../../src/wire/fault.ts";
import { codeOf, statementOf as sql } from "../support/database-question.ts";

interface Embedded {
  readonly folder: string;
  readonly pglite: Database;
}

const test = anyTest.serial as TestFn<Embedded>;

test.before(async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "quota-database-"));
  t.context = { folder, pglite: await openPglite({ folder: join(folder, "pglite") }) };
});

test.after.always(async (t) => {
  await t.context.pglite.close();
  rmSync(t.context.folder, { recursive: true, force: true });
});

test("a commit is synced to the disk, and the start says so", (t) => {
  t.regex(t.context.pglite.durability, /[1-9][0-9]* fdatasync at a commit/);
});

test("a commit whose sync fails has an unknown outcome, and the database opens again when the disk is well", async (t) => {
  const folder = join(t.context.folder, "dying");
  let failing = false;
  let fatal: Fault | undefined;
  const database = await openPglite({
    folder,
    onFatal: (fault) => {
      fatal = fault;
    },
    syncFile: (fileDescriptor) => {
      if (failing) throw new Error("the disk is broken");
      fdatasyncSync(fileDescriptor);
    },
  });
  const session = database.session("commit");
  await session.run(sql("create table kept (a int8)"));
  const insert = sql("insert into kept values ($1)");
  await session.run(insert, [1n]);

  failing = true;
  t.is(await codeOf(session.run(insert, [2n])), "OUTCOME_UNKNOWN");
  t.not(await codeOf(session.run(insert, [3n])), "none", "it cannot be opened on a broken disk");
  failing = false;

  t.deepEqual(await session.run(sql("select a from kept where a = 1")), [{ a: 1n }]);
  t.truthy(fatal);
  await database.close();
});

test("the log on disk stays bounded though there is no checkpointer", async (t) => {
  const session = t.context.pglite.session("commit");
  const writeLog = sql(
    "select pg_logical_emit_message(true, 'log', repeat('x', 1000000)), $1::text",
  );
  for (let count = 0; count < 300; count += 1) {
    await session.run(writeLog, ["y".repeat(100_000)]);
  }

  const [row] = await session.run(sql("select sum(size)::int8 as bytes from pg_ls_waldir()"));

  t.true(Number(row?.["bytes"]) < 250_000_000, String(row?.["bytes"]));
});

/** A process that opens the folder, commits one row, says so and stays. */
const holder = `
import { openPglite } from ${JSON.stringify(new URL("../../src/platform/pglite.js", import.meta.url).href)};
try {
  const database = await openPglite({ folder: process.argv[2] });
  const session = database.session("commit");
  await session.run({ name: "t", text: "create table if not exists held (a int8)" });
  await session.run({ name: "i", text: "insert into held values (42)" });
  process.stdout.write("committed");
  setInterval(() => undefined, 1000);
} catch (error) {
  process.stdout.write(error.message);
}
`;

async function openInChild(folder: string, script: string) {
  writeFileSync(script, holder);
  const child = spawn(process.execPath, [script, folder], { stdio: ["ignore", "pipe", "inherit"] });
  const [said] = (await once(child.stdout, "data")) as [Buffer];
  return { child, said: said.toString() };
}

test("a second process is refused, with the folder and the holder's pid", async (t) => {
  const folder = join(t.context.folder, "pglite");

  const { child, said } = await openInChild(folder, join(t.context.folder, "second.mjs"));

  child.kill("SIGKILL");
  t.true(said.includes(`in use by process ${process.pid}`), said);
  t.true(said.includes(folder), said);
});

test("the folder is free after kill -9 of its holder, and what was committed is there", async (t) => {
  const folder = join(t.context.folder, "killed");
  const { child, said } = await openInChild(folder, join(t.context.folder, "killed.mjs"));
  t.is(said, "committed");
  await t.throwsAsync(openPglite({ folder }), { message: new RegExp(`process ${child.pid ?? 0}`) });

  child.kill("SIGKILL");
  await once(child, "exit");
  const database = await openPglite({ folder });

  t.deepEqual(await database.reads.run(sql("select a from held")), [{ a: 42n }]);
  await database.close();
});

test("of two that start together on one folder one wins", async (t) => {
  // One that this process has never held: other files run in other threads of it, and a program that one of them is just
  // spawning has a copy of every socket until it is itself, also of one that was closed here meanwhile.
  const folder = join(t.context.folder, "contended");

  const both = await Promise.allSettled([openPglite({ folder }), openPglite({ folder })]);

  const winners = both.filter((each) => each.status === "fulfilled");
  const refused = both.flatMap((each) => (each.status === "rejected" ? [String(each.reason)] : []));
  t.is(winners.length, 1, refused.join("\n"));
  for (const winner of winners) await winner.value.close();
});
