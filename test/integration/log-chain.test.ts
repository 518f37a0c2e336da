import { createHash } from "node:crypto";

import { canonicalEntry, entryColumns } from "../../shards/store/chain-sql.ts";
import type { Database, Row } from "../../src/platform/database.ts";
import { existing } from "../support/quota-builders.ts";
import { rowsOf, storeContract } from "../support/store-contract.ts";
import { tellRandomStory, verified } from "../support/verified-story.ts";

const { contract } = storeContract();

/** Of each key, its entries in the order of their numbers, all bytes in hexadecimal. */
function links(database: Database): Promise<readonly Row[]> {
  return rowsOf(
    database,
    `select merchant_id || ' ' || currency as quota_key, chain_no,
       encode(chain_before, 'hex') as before, encode(${canonicalEntry}, 'hex') as canonical
     from quota_usage_logs order by quota_usage_logs.merchant_id, chain_no`,
  );
}

contract("anybody can compute the chain of a key, up to its head", async (t, database) => {
  await tellRandomStory(database, 21);
  await tellRandomStory(database, 22);

  const ends = new Map<unknown, { readonly no: bigint; readonly hash: string }>();
  for (const { quota_key: key, chain_no: no, before, canonical } of await links(database)) {
    const last = ends.get(key) ?? { no: 0n, hash: "" };
    t.is(no, last.no + 1n);
    t.is(before, last.hash);
    const bytes = Buffer.from(String(before) + String(canonical), "hex");
    ends.set(key, { no: last.no + 1n, hash: createHash("sha256").update(bytes).digest("hex") });
  }
  const heads = await rowsOf(
    database,
    "select quota_key, entries, encode(hash, 'hex') as hash from log_heads order by quota_key",
  );

  t.is(heads.length, 4);
  for (const { quota_key: key, entries, hash } of heads) {
    t.deepEqual(existing(ends.get(key)), { no: BigInt(String(entries)), hash: String(hash) });
  }
});

contract("every column of an entry is in its chain", async (t, database) => {
  const columns = await rowsOf(
    database,
    `select attname::text as name from pg_attribute
     where attrelid = 'quota_usage_logs'::regclass and attnum > 0 and not attisdropped
       and attname not in ('chain_no', 'chain_before')
     order by attnum`,
  );

  t.deepEqual(
    columns.map(({ name }) => name),
    entryColumns.split(",").map((name) => name.trim()),
  );
});

contract(
  "entries from before there was a chain are said to be outside of it",
  async (t, database) => {
    await tellRandomStory(database, 23);
    await rowsOf(database, "update quota_usage_logs set chain_no = null, chain_before = null");
    await rowsOf(database, "truncate log_heads");
    const [before] = await rowsOf(database, "select count(*) as n from quota_usage_logs");
    await tellRandomStory(database, 24);

    const { findings } = await verified(database);

    t.deepEqual(findings.named, []);
    t.deepEqual(findings.unchecked, [["entries_before_the_chain", Number(before?.["n"])]]);
  },
);
