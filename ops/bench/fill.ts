import { writeFileSync } from "node:fs";
import { join } from "node:path";

import type { PostgresAddress } from "../../test/support/services-address.ts";
import { storedKey } from "../../src/wire/codec.ts";
import { shardOf } from "../../src/wire/placement.ts";
import { type Ground, sql } from "./ground.ts";

/** Orders, and with them log entries, of each merchant that is filled in. */
export const ordersEach = 10;

const currency = "USD";

interface Table {
  readonly name: string;
  /** How many rows of each merchant: one, or one an order. */
  readonly rows: "one" | "orders";
  /** Column by column what is not as in the template's row; `k` is the merchant, `g` the order's number. */
  readonly replaced: Readonly<Record<string, string>>;
}

const key = `k.merchant_id || ' ${currency}'`;
const tables: readonly Table[] = [
  {
    ...{ name: "merchant_quotas", rows: "one" },
    replaced: { quota_key: key, shard: "k.shard", merchant_id: "k.merchant_id" },
  },
  { ...{ name: "log_heads", rows: "one" }, replaced: { quota_key: key, shard: "k.shard" } },
  {
    ...{ name: "quota_orders", rows: "orders" },
    replaced: { order_key: `${key} || ' fill-' || g`, shard: "k.shard" },
  },
  {
    ...{ name: "quota_usage_logs", rows: "orders" },
    replaced: {
      id: "gen_random_uuid()",
      shard: "k.shard",
      merchant_id: "k.merchant_id",
      order_no: "'fill-' || k.n || '-' || g",
      created_at: "t.created_at - make_interval(secs => g)",
    },
  },
];

/**
 * Fills the tables as if M-1 … M-`merchants` had consumed for ten orders each: the rows are those of one merchant who
 * has, with other keys. The chain of the log is not made: nothing here reads it.
 * @param template a merchant with exactly one order, whose rows are in the tables
 */
export async function fill(
  ground: Ground,
  database: PostgresAddress,
  filling: { readonly merchants: number; readonly shardCount: number; readonly template: string },
): Promise<void> {
  const { merchants, shardCount, template } = filling;
  const file = join(ground.folder, "fill.csv");
  const lines = Array.from({ length: merchants }, (_, index) => {
    const id = `M-${index + 1}`;
    return `${index + 1},${id},${shardOf(storedKey(id, currency), shardCount)}`;
  });
  writeFileSync(file, `${lines.join("\n")}\n`, { mode: 0o644 });
  await sql(
    ground,
    database,
    "create unlogged table fill_keys (n integer, merchant_id text, shard integer)",
  );
  await sql(ground, database, `\\copy fill_keys from '${file}' csv`);
  for (const table of tables) {
    ground.say(`filling ${table.name} for ${merchants.toLocaleString("en-US")} merchants`);
    await sql(ground, database, await statementFor(ground, database, table, template));
  }
  await sql(ground, database, "drop table fill_keys");
  for (const { name } of tables) await sql(ground, database, `vacuum analyze ${name}`);
  await sql(ground, database, "checkpoint");
}

async function statementFor(
  ground: Ground,
  database: PostgresAddress,
  { name, rows, replaced }: Table,
  template: string,
): Promise<string> {
  const columns = await sql(
    ground,
    database,
    `select column_name from information_schema.columns
     where table_schema = 'public' and table_name = '${name}' order by ordinal_position`,
  );
  const values = columns.map((column) => replaced[column] ?? `t.${column}`);
  const orders = rows === "orders" ? `cross join generate_series(1, ${ordersEach}) as g` : "";
  const whose = {
    merchant_quotas: `merchant_id = '${template}'`,
    log_heads: `quota_key = '${template} ${currency}'`,
    quota_orders: `order_key like '${template} ${currency} %'`,
    quota_usage_logs: `merchant_id = '${template}'`,
  }[name];
  return `insert into ${name} (${columns.join(", ")})
    select ${values.join(", ")}
    from fill_keys as k ${orders} cross join (select * from ${name} where ${whose} limit 1) as t`;
}
