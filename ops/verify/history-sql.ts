import type { Statement } from "../../src/platform/database.ts";
import { canonicalEntry } from "../../shards/store/chain-sql.ts";
import type { CursorStatements } from "./pages.ts";

/**
 * The log of the shards $1 to $2, the journal's tail included, in the order in which it is replayed: of a key by
 * version, what changed something before what was refused or swept at that version. Sorted here once, so that nobody
 * has to hold a key's entries in memory. Numbers come as texts of several, which costs a third of so many columns; the
 * sums as they stand before an entry mostly as the very text that the entry before had for those after it. Entries of
 * version 0 by the operator $3 come from the older service. The hash of the chain up to an entry is made here, from what
 * the entry says, by the statement's own words and no function that somebody could have replaced.
 */
export const entries: CursorStatements = {
  declare: {
    name: "verify_declare_entries",
    text: `
      declare verify_entries no scroll cursor for
      select
        merchant_id,
        currency,
        id,
        action_type,
        order_no,
        payment_no,
        operator_id,
        case when action_type = 'suspend' then remarks end as remarks,
        array_to_string(charged_periods, ' ', '') as charged,
        concat_ws(' ',
          shard, version, (extract(epoch from created_at) * 1000)::bigint, amount,
          case
            when not success then 'refused'
            when action_type = 'reset' and operator_type = 'system' then 'swept'
            else 'accepted'
          end,
          in_tail
        ) as facts,
        concat_ws(' ',
          daily_used_before, monthly_used_before, yearly_used_before, pending_before, reserved_before
        ) as sums_before,
        concat_ws(' ',
          daily_used_after, monthly_used_after, yearly_used_after, pending_after, reserved_after
        ) as sums_after,
        chain_no || ' ' || encode(chain_before, 'hex') || ' '
          || encode(sha256(chain_before || ${canonicalEntry}), 'hex') as link
      from (
        select *, false as in_tail from quota_usage_logs
        union all
        select entry.*, true from journal_tail, unnest(journal_tail.facts) as entry
      ) as logged
      where shard between $1 and $2 and not (version = 0 and operator_id = $3)
      order by
        shard, merchant_id collate "C", currency collate "C", version,
        not success or (action_type = 'reset' and operator_type = 'system'),
        in_tail, chain_no nulls first, created_at, id`,
  },
  fetch: { name: "verify_fetch_entries", text: "fetch forward 1000 from verify_entries" },
  close: { name: "verify_close_entries", text: "close verify_entries" },
};

/** The quotas and the chains' heads of the shards $1 to $2, in the same order of keys; either may be absent. */
export const quotas: CursorStatements = {
  declare: {
    name: "verify_declare_quotas",
    text: `
      declare verify_quotas no scroll cursor for
      select
        quota.*,
        coalesce(quota.shard, head.shard) as key_shard,
        coalesce(quota.quota_key, head.quota_key) collate "C" as key_text,
        head.entries as chain_entries,
        encode(head.hash, 'hex') as chain_hash
      from (select * from merchant_quotas_live where shard between $1 and $2) as quota
        full join (select * from log_heads where shard between $1 and $2) as head using (quota_key, shard)
      order by key_shard, key_text`,
  },
  fetch: { name: "verify_fetch_quotas", text: "fetch forward 500 from verify_quotas" },
  close: { name: "verify_close_quotas", text: "close verify_quotas" },
};

/** Of suspensions that a change began (keys $1, merchants $2, currencies $3, versions $4) those without their alert. */
export const suspensionsWithoutAlert: Statement = {
  name: "verify_suspensions_without_alert",
  text: `
    with alerts as materialized (
      select merchant_id, currency, alert_type, period from quota_alerts
      where merchant_id = any($2::text[]) and alert_type = 'suspended'
      union all
      select alert.merchant_id, alert.currency, alert.alert_type, alert.period
      from journal_tail, unnest(journal_tail.alerts) as alert
      where alert.alert_type = 'suspended'
    )
    select began.place
    from unnest($1::int[], $2::text[], $3::text[], $4::bigint[])
      as began (place, merchant_id, currency, version)
    where not exists (
      select from alerts
      where alerts.merchant_id = began.merchant_id and alerts.currency = began.currency
        and alerts.period = 'v' || began.version
    )
    order by began.place`,
};
