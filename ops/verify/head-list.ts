import { merchantIdOf } from "../../src/domain/ids.ts";
import type { Database, Row } from "../../src/platform/database.ts";
import type { Clock } from "../../src/platform/clock.ts";
import { flag, text, textOrNull } from "../../shards/store/row.ts";
import { batchesOf } from "./batch.ts";
import { type CsvLine, csvLines } from "./csv-file.ts";
import { Findings, namedMax } from "./findings.ts";
import { analyzeKept, heads, headsUnlikeKept, makeKept, writeKept } from "./head-list-sql.ts";
import type { Compared } from "./order-list.ts";
import { pagesOf } from "./pages.ts";

const columns = ["merchant_id", "currency", "entries", "hash"] as const;
/** Lines that are sent to Postgres at once. */
const batchLines = 1_000;

/**
 * Prints where every chain ends, as a CSV file to be kept where nobody who can write the tables can write.
 * @throws Fault when Postgres does not let it
 */
export async function printHeads(database: Database, print: (line: string) => void): Promise<void> {
  print(columns.join());
  await database.transaction(async (session) => {
    for await (const page of pagesOf(session, heads, [1])) {
      for (const row of page) {
        const key = text(row, "quota_key").split(" ");
        print([...key, String(row["entries"]), text(row, "hash")].join());
      }
    }
  });
}

interface KeptHead {
  readonly quotaKey: string;
  readonly entries: number;
  readonly hash: string;
}

/**
 * Compares heads that were printed earlier: the chains of now have to go through them. That their entries make these
 * hashes is for the replay to show.
 * @throws Error naming the line that is not as it should be; Fault when Postgres does not let it
 */
export async function compareHeads(options: {
  readonly database: Database;
  readonly clock: Clock;
  readonly file: string;
}): Promise<Compared> {
  const { database, clock, file } = options;
  const startedMs = clock.elapsedMs();
  const findings = new Findings();
  let lines = 0;
  await database.transaction(async (session) => {
    await session.run(makeKept);
    for await (const batch of batchesOf(keptHeads(file), batchLines)) {
      lines += batch.length;
      await session.run(writeKept, [
        batch.map(({ quotaKey }) => quotaKey),
        batch.map(({ entries }) => entries),
        batch.map(({ hash }) => hash),
      ]);
    }
    await session.run(analyzeKept);
    const unlike = await session.run(headsUnlikeKept, [namedMax]);
    for (const row of unlike) judge(row, findings);
    findings.count("chain_broken", Number(unlike[0]?.["found_in_all"] ?? 0) - unlike.length);
  });
  return { what: "kept heads", findings, lines, seconds: (clock.elapsedMs() - startedMs) / 1_000 };
}

/** What a kept head that the chain does not go through means. */
function judge(row: Row, findings: Findings): void {
  const key = text(row, "quota_key");
  const of = { shard: null, key, order: null, id: null };
  const kept = Number(row["kept_entries"]);
  const entries = row["entries"] === null ? null : Number(row["entries"]);
  const hash = textOrNull(row, "hash");
  if (entries === null || entries < kept) {
    const numbers = { expected: String(kept), found: entries === null ? null : String(entries) };
    findings.add({ kind: "chain_broken", ...of, what: "entries of the chain", ...numbers });
  } else if (hash !== null) {
    const hashes = { expected: text(row, "kept_hash"), found: hash };
    findings.add({ kind: "entry_altered", ...of, what: `hash after entry ${kept}`, ...hashes });
  } else if (flag(row, "is_dropped")) {
    findings.leftOut("heads_of_dropped_entries", 1);
  } else {
    const numbers = { expected: String(kept + 1), found: null };
    findings.add({ kind: "chain_broken", ...of, what: "chain_no", ...numbers });
  }
}

async function* keptHeads(file: string): AsyncGenerator<KeptHead> {
  for await (const line of csvLines(file, columns)) yield keptHead(line);
}

function keptHead({ fields, wrong }: CsvLine): KeptHead {
  const [merchant = "", currency = "", entries = "", hash = ""] = fields;
  if (merchantIdOf(merchant) === undefined) throw wrong("its merchant_id is none");
  if (!/^[1-9][0-9]{0,14}$/.test(entries)) throw wrong("its number of entries is none");
  if (!/^[0-9a-f]{64}$/.test(hash)) throw wrong("its hash is no SHA-256 in hexadecimal");
  return { quotaKey: `${merchant} ${currency}`, entries: Number(entries), hash };
}
