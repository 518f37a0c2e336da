import { canonicalEntry, entryColumns } from "../../shards/store/chain-sql.ts";
import type { Statement } from "../../src/platform/database.ts";

function named(name: string, text: string): Statement {
  return { name: `verify_bench_${name}`, text };
}

/** Before the copies are made: indexes are made at the end, which is faster. */
export const before: readonly Statement[] = [
  named("drop_by_merchant", "drop index quota_usage_logs_by_merchant"),
  named("drop_by_order", "drop index quota_usage_logs_by_order"),
];

export const after: readonly Statement[] = [
  named(
    "index_by_merchant",
    "create index quota_usage_logs_by_merchant on quota_usage_logs (merchant_id, created_at, id)",
  ),
  named("index_by_order", "create index quota_usage_logs_by_order on quota_usage_logs (order_no)"),
  named("analyze", "vacuum analyze"),
];

const others = `unnest($1::text[], $2::int[]) as other (merchant, shard_of)`;
const [, contentColumns = ""] = entryColumns.split(" merchant_id,");
const orderContent = `
  amount, released, settled, charged_periods, hold_state, hold_amount, hold_expires_at, effects, version, updated_at`;

/** All that there is of the key "M-0 USD", for the merchants $1 in the shards $2: their entries lie mixed. */
export const copiesOf: readonly Statement[] = [
  named(
    "logs",
    `
  with copied as materialized (
    select gen_random_uuid() as id, shard_of as shard, merchant as merchant_id, ${contentColumns}
    from ${others}, quota_usage_logs
    where merchant_id = 'M-0'
  ),
  links as materialized (
    select
      copied.*,
      row_number() over story as chain_no,
      coalesce(chain_of('', ${canonicalEntry}) over story, '') as chain_before,
      lead(version) over story is null as is_last
    from copied
    window story as (
      partition by merchant_id order by version rows between unbounded preceding and 1 preceding
    )
  ),
  heads as (
    insert into log_heads (quota_key, shard, entries, hash)
    select merchant_id || ' ' || currency, shard, chain_no, sha256(chain_before || ${canonicalEntry})
    from links where is_last
  )
  insert into quota_usage_logs (${entryColumns}, chain_no, chain_before)
  select ${entryColumns}, chain_no, chain_before from links order by version, shard`,
  ),
  named(
    "quotas",
    `
  insert into merchant_quotas
  select copy.*
  from ${others}, merchant_quotas as quota,
    jsonb_populate_record(quota, jsonb_build_object(
      'quota_key', merchant || ' USD', 'shard', shard_of, 'merchant_id', merchant)) as copy
  where quota.quota_key = 'M-0 USD'`,
  ),
  named(
    "orders",
    `
  insert into quota_orders (order_key, shard, ${orderContent})
  select merchant || substr(order_key, strpos(order_key, ' ')), shard_of, ${orderContent}
  from ${others}, quota_orders
  where order_key >= 'M-0 ' and order_key < 'M-0!'`,
  ),
];
