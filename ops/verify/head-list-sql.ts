import type { Statement } from "../../src/platform/database.ts";
import type { CursorStatements } from "./pages.ts";

/** Where every chain ends, as it is now. */
export const heads: CursorStatements = {
  declare: {
    name: "verify_declare_heads",
    text: `
      declare verify_heads no scroll cursor for
      select quota_key, entries, encode(hash, 'hex') as hash from log_heads
      where entries >= $1
      order by quota_key`,
  },
  fetch: { name: "verify_fetch_heads", text: "fetch forward 2000 from verify_heads" },
  close: { name: "verify_close_heads", text: "close verify_heads" },
};

/** Gone with its transaction. */
export const makeKept: Statement = {
  name: "verify_make_kept",
  text: `
    create temporary table kept_heads (
      quota_key text collate "C" not null,
      entries bigint not null,
      hash text not null
    ) on commit drop`,
};

export const writeKept: Statement = {
  name: "verify_write_kept",
  text: `
    insert into kept_heads (quota_key, entries, hash)
    select * from unnest($1::text[], $2::bigint[], $3::text[])`,
};

export const analyzeKept: Statement = { name: "verify_analyze_kept", text: "analyze kept_heads" };

/**
 * Kept heads that the chains of now do not go through: the first $1, and on each the number of all. The hash after an
 * entry is borne by the next one, and after the last by the head. `is_dropped`: the next one may have been dropped as old.
 */
export const headsUnlikeKept: Statement = {
  name: "verify_heads_unlike_kept",
  text: `
    with compared as (
      select
        kept.quota_key, kept.entries as kept_entries, kept.hash as kept_hash, head.entries,
        encode(case when head.entries = kept.entries then head.hash else next.chain_before end, 'hex') as hash,
        exists (select from log_retention) as is_dropped
      from kept_heads as kept
        left join log_heads as head using (quota_key)
        left join quota_usage_logs as next
          on next.merchant_id = split_part(kept.quota_key, ' ', 1)
          and next.currency = split_part(kept.quota_key, ' ', 2)
          and next.chain_no = kept.entries + 1
    )
    select *, count(*) over () as found_in_all
    from compared
    where hash is distinct from kept_hash
    order by quota_key
    limit $1`,
};
