import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";

import { messages, PGlite, protocol } from "@electric-sql/pglite";

import { Fault, type FaultCode, faultOf } from "../wire/fault.ts";
import { type DataLock, lockData } from "./data-lock.ts";
import type { Database, Row, Session, Statement } from "./database.ts";
import { DurableDisk, durableStartParams, type SyncFile, syncTree } from "./pglite-disk.ts";
import { endsConnection, faultOfSqlError, type SqlError } from "./sql-fault.ts";
import { decoderOf, encodeValue } from "./sql-value.ts";

/*
 * The engine's life:
 *
 *   open ──▶ dead ──▶ open again, at the next statement
 *     │        └────▶ given up, after reopeningsMax
 *     └──▶ closed
 *
 * After a PANIC the engine must never be called again: PGlite swallows what its WASM throws, and a further call spins
 * for ever. So a dead engine is dropped with its memory, and a new one recovers from the same files, as after a kill.
 */

/** Folder name that means: no disk, for tests. */
export const inMemory = "memory:";

/** Where the cluster is, and who is told what. */
export interface PgliteOptions {
  /** Made if it is not there; holds the cluster and the lock. Or `inMemory`. */
  readonly folder: string;
  /** Told once, when the engine died and could not be opened again: the process should end. */
  readonly onFatal?: (fault: Fault) => void;
  /** Told what takes long: the first start makes a cluster, 4 to 9 seconds. */
  readonly onProgress?: (text: string) => void;
  /** For tests of a failing disk. */
  readonly syncFile?: SyncFile;
}

/** Statements and transactions that wait for their turn; then OVERLOADED. */
const waitingStatementsMax = 10_000;

/** Each dead engine leaves some 130 MB behind; after this many the process is told to end. */
const reopeningsMax = 3;

/** Housekeeping looks again after so many statements, or bytes sent, whichever is first. */
const statementsBetweenLooks = 512;
const bytesBetweenLooks = 4_000_000;

/** A checkpoint is made beyond this: it bounds the log on disk and the recovery after a kill. */
const logBytesMax = 64_000_000n;

const selectLogBytes: Statement = {
  name: "select_log_bytes",
  text: "select (pg_current_wal_insert_lsn() - redo_lsn)::int8 as bytes from pg_control_checkpoint()",
};
/** The table with most to clean, by the rule of autovacuum: 1,000 dead rows and a fifth of all. */
const selectWorstTable: Statement = {
  name: "select_worst_table",
  text: `
    select relid::regclass::text as name
    from pg_stat_user_tables
    where n_dead_tup > 1000 + n_live_tup / 5
    order by n_dead_tup desc
    limit 1`,
};
const checkpoint: Statement = { name: "checkpoint", text: "checkpoint" };
const selfTest: Statement = {
  name: "self_test",
  text: "select pg_logical_emit_message(true, 'quota', 'is a commit synced?')",
};
const begin: Statement = { name: "begin", text: "begin" };
const commit: Statement = { name: "commit", text: "commit" };
const rollback: Statement = { name: "rollback", text: "rollback" };

/**
 * Postgres inside this process, in WASM, on a folder of its own.
 *
 * All sessions share the one engine: statements run one after the other, in the order of the calls, and a
 * transaction holds all others up while its body runs. A body that waits for a statement outside of it waits for ever.
 * @throws Error when another process holds the folder, or when a commit is not synced to the disk
 */
export async function openPglite(options: PgliteOptions): Promise<Database> {
  const lock = options.folder === inMemory ? undefined : await takeFolder(options.folder);
  try {
    const engine = new Engine(options);
    await engine.open();
    return databaseOf(engine, lock);
  } catch (error) {
    lock?.release();
    throw error;
  }
}

async function takeFolder(folder: string): Promise<DataLock> {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  return lockData(resolve(folder));
}

function databaseOf(engine: Engine, lock: DataLock | undefined): Database {
  const session: Session = {
    run: (statement, values) => engine.exclusive(() => engine.run(statement, values)),
  };
  return {
    kind: "pglite",
    durability: engine.durability,
    session: () => session,
    reads: session,
    transaction: (body) => engine.exclusive(() => transact(engine, body)),
    migrate: (apply) =>
      engine.exclusive(() =>
        apply({ run: (statement, values) => engine.run(statement, values) }, (text) =>
          transact(engine, () => engine.script(text)),
        ),
      ),
    close: async () => {
      await engine.close();
      lock?.release();
    },
  };
}

/**
 * Begin, the body, commit; or a rollback and what the body threw.
 *
 * A statement that failed has aborted the transaction even if the body went on: Postgres would answer its commit with a
 * silent rollback, so that failure is thrown again.
 */
async function transact<T>(engine: Engine, body: (session: Session) => Promise<T>): Promise<T> {
  const failures: unknown[] = [];
  const inTurn = new Turns();
  const run = (statement: Statement, values?: readonly unknown[]): Promise<readonly Row[]> =>
    inTurn.take(async () => {
      try {
        return await engine.run(statement, values, "SHARD_UNAVAILABLE");
      } catch (error) {
        failures.push(error);
        throw error;
      }
    });
  await engine.run(begin, [], "SHARD_UNAVAILABLE");
  const epoch = engine.epoch;
  try {
    const value = await body({ run });
    if (failures.length > 0) throw failures[0];
    await engine.run(commit);
    return value;
  } catch (error) {
    if (engine.epoch === epoch && engine.alive) await engine.run(rollback);
    throw error;
  }
}

/** A queue of one at a time, in the order of the calls. */
class Turns {
  #last: Promise<unknown> = Promise.resolve();
  #waiting = 0;

  get waiting(): number {
    return this.#waiting;
  }

  take<T>(turn: () => Promise<T>): Promise<T> {
    this.#waiting += 1;
    const mine = this.#last.then(turn).finally(() => {
      this.#waiting -= 1;
    });
    this.#last = mine.catch(() => undefined);
    return mine;
  }
}

interface Opened {
  readonly pglite: PGlite;
  readonly prepared: Map<string, string>;
}

class Engine {
  readonly #options: PgliteOptions;
  readonly #turns = new Turns();
  #opened: Opened | undefined;
  #durability = "";
  #reopenings = 0;
  #epoch = 0;
  #closed = false;
  #toldFatal = false;
  #statementsSinceLook = 0;
  #bytesSinceLook = 0;

  constructor(options: PgliteOptions) {
    this.#options = options;
  }

  get durability(): string {
    return this.#durability;
  }

  get alive(): boolean {
    return this.#opened !== undefined;
  }

  /** Goes up with each opening. */
  get epoch(): number {
    return this.#epoch;
  }

  exclusive<T>(turn: () => Promise<T>): Promise<T> {
    if (this.#turns.waiting >= waitingStatementsMax) {
      return Promise.reject(
        new Fault("OVERLOADED", `${waitingStatementsMax} statements wait for PGlite`),
      );
    }
    return this.#turns.take(async () => {
      if (this.#closed) throw new Fault("SHARD_UNAVAILABLE", "the database is closed");
      if (this.#opened === undefined) await this.#reopen();
      const value = await turn();
      this.#keepHouse();
      return value;
    });
  }

  /**
   * Queues a checkpoint and a vacuum when they are due: PGlite has no background processes, so that without this the
   * log grows for ever whatever max_wal_size says, and dead rows stay.
   */
  #keepHouse(): void {
    const due =
      this.#statementsSinceLook >= statementsBetweenLooks ||
      this.#bytesSinceLook >= bytesBetweenLooks;
    if (!due) return;
    this.#statementsSinceLook = 0;
    this.#bytesSinceLook = 0;
    this.#turns
      .take(async () => {
        if (this.#opened === undefined) return;
        const [log] = await this.run(selectLogBytes);
        const bytes = log?.["bytes"];
        if (typeof bytes === "bigint" && bytes > logBytesMax) await this.run(checkpoint);
        const [worst] = await this.run(selectWorstTable);
        const table = worst?.["name"];
        if (typeof table === "string") await this.script(`vacuum (analyze) ${table}`);
      })
      .catch((error: unknown) => {
        this.#options.onProgress?.(
          `housekeeping of the database failed: ${faultOf(error).message}`,
        );
      });
  }

  /** @throws Error when a commit on disk makes no sync: then nothing may be promised */
  async open(): Promise<void> {
    if (this.#options.folder === inMemory) {
      this.#opened = { pglite: await PGlite.create(), prepared: new Map() };
      this.#durability = "in memory: everything is lost when this process ends";
    } else {
      await this.#openDisk(resolve(this.#options.folder));
    }
    this.#epoch += 1;
  }

  async #openDisk(folder: string): Promise<void> {
    const cluster = join(folder, "cluster");
    // Invariant: while the mark is there no commit was ever answered, so that what a kill left half made may go.
    const mark = join(folder, "cluster.unfinished");
    if (existsSync(mark)) rmSync(cluster, { recursive: true, force: true });
    const isNew = !existsSync(cluster);
    if (isNew) {
      this.#options.onProgress?.(
        `making a new database in ${folder}: this takes some seconds, once`,
      );
      writeFileSync(mark, "");
    }
    mkdirSync(cluster, { recursive: true, mode: 0o700 });
    const disk = new DurableDisk(cluster, this.#options.syncFile);
    const pglite = await PGlite.create({
      fs: disk,
      startParams: durableStartParams(PGlite.defaultStartParams),
    });
    this.#opened = { pglite, prepared: new Map() };
    if (isNew) {
      syncTree(cluster);
      rmSync(mark);
      syncTree(folder);
    }
    const before = disk.syncs;
    await this.run(selfTest);
    const counted = disk.syncs - before;
    if (counted === 0) {
      await pglite.close();
      throw new Error(
        `a commit in ${folder} made no sync to the disk: the database is not durable and is not opened`,
      );
    }
    this.#durability =
      `survives the kill of this process: ${counted} fdatasync at a commit, counted at the start; ` +
      "not certified for power loss";
  }

  async #reopen(): Promise<void> {
    try {
      if (this.#reopenings >= reopeningsMax)
        throw new Error(`it died more than ${reopeningsMax} times`);
      this.#reopenings += 1;
      this.#options.onProgress?.("opening the database again after it died");
      await this.open();
    } catch (error) {
      const fault = new Fault("SHARD_UNAVAILABLE", "PGlite died and cannot be opened again", {
        cause: error,
      });
      this.#opened = undefined;
      if (!this.#toldFatal) this.#options.onFatal?.(fault);
      this.#toldFatal = true;
      throw fault;
    }
  }

  /** Invariant: called by one at a time, inside `exclusive`. */
  async run(
    { name, text }: Statement,
    values: readonly unknown[] = [],
    codeOfLoss: FaultCode = "OUTCOME_UNKNOWN",
  ): Promise<readonly Row[]> {
    const { serialize } = protocol;
    const prepared = this.#opened?.prepared.get(name);
    if (prepared !== undefined && prepared !== text) {
      throw new Fault("INTERNAL", `two statements have the name ${name}`);
    }
    const request = Buffer.concat([
      ...(prepared === undefined ? [serialize.parse({ name, text })] : []),
      serialize.bind({ statement: name, values: values.map(encodeValue) }),
      serialize.describe({ type: "P" }),
      serialize.execute({}),
      serialize.sync(),
    ]);
    const answer = await this.#ask(request, name, codeOfLoss);
    if (answer.parsed) this.#opened?.prepared.set(name, text);
    if (answer.fault !== undefined) throw answer.fault;
    return answer.rows;
  }

  /** A text of many statements. Invariant: as `run`. */
  async script(text: string): Promise<void> {
    const answer = await this.#ask(protocol.serialize.query(text), "migration", "OUTCOME_UNKNOWN");
    if (answer.fault !== undefined) throw answer.fault;
  }

  async #ask(request: Uint8Array, name: string, codeOfLoss: FaultCode): Promise<Answer> {
    if (this.#opened === undefined) throw new Fault("SHARD_UNAVAILABLE", "PGlite died");
    this.#statementsSinceLook += 1;
    this.#bytesSinceLook += request.byteLength;
    try {
      const { messages: answered } = await this.#opened.pglite.execProtocol(request, {
        syncToFs: false,
        throwOnError: false,
      });
      const answer = read(answered, name);
      if (answer.error !== undefined && endsConnection(answer.error)) this.#opened = undefined;
      if (this.#opened === undefined && answer.fault !== undefined) {
        return {
          ...answer,
          fault: new Fault(codeOfLoss, answer.fault.message, { cause: answer.error }),
        };
      }
      return answer;
    } catch (error) {
      this.#opened = undefined;
      throw new Fault(codeOfLoss, "PGlite died", { cause: faultOf(error) });
    }
  }

  close(): Promise<void> {
    return this.#turns.take(async () => {
      this.#closed = true;
      const pglite = this.#opened?.pglite;
      this.#opened = undefined;
      await pglite?.close();
    });
  }
}

interface Answer {
  readonly rows: readonly Row[];
  readonly parsed: boolean;
  readonly error: SqlError | undefined;
  readonly fault: Fault | undefined;
}

type Message = Awaited<ReturnType<PGlite["execProtocol"]>>["messages"][number];

function read(answer: readonly Message[], name: string): Answer {
  const rows: Row[] = [];
  let fields: readonly Field[] = [];
  let error: SqlError | undefined;
  for (const message of answer) {
    if (message instanceof messages.RowDescriptionMessage) {
      fields = message.fields.map((field) => ({
        name: field.name,
        decode: decoderOf(field.dataTypeID),
      }));
    } else if (message instanceof messages.DataRowMessage) {
      rows.push(rowOf(fields, message.fields));
    } else if (message instanceof messages.DatabaseError) {
      error ??= message;
    }
  }
  return {
    rows,
    parsed: answer.some((message) => message.name === "parseComplete"),
    error,
    fault: error === undefined ? undefined : faultOfSqlError(error, name),
  };
}

interface Field {
  readonly name: string;
  readonly decode: ReturnType<typeof decoderOf>;
}

function rowOf(fields: readonly Field[], texts: readonly (string | null)[]): Row {
  const row: Record<string, unknown> = {};
  fields.forEach(({ name, decode }, index) => {
    const text = texts[index];
    row[name] = typeof text === "string" ? decode(text) : null;
  });
  return row;
}
