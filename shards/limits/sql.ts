import type { Statement } from "../../src/platform/database.ts";

/** Limits that another node fetched later stay. */
export const rememberLimits: Statement = {
  name: "remember_limits",
  text: `
    insert into quota_limits (quota_key, shard, limits, policy_version, fetched_at)
    select * from unnest($1::text[], $2::int[], $3::json[], $4::text[], $5::timestamptz[])
    on conflict (quota_key, shard) do update set
      limits = excluded.limits,
      policy_version = excluded.policy_version,
      fetched_at = excluded.fetched_at
    where quota_limits.fetched_at < excluded.fetched_at`,
};

export const forgetLimits: Statement = {
  name: "forget_limits",
  text: `
    delete from quota_limits using unnest($1::text[], $2::timestamptz[]) as gone (quota_key, known_at)
    where quota_limits.quota_key = gone.quota_key and quota_limits.fetched_at < gone.known_at`,
};

export const limitsByKey: Statement = {
  name: "limits_by_key",
  text: `select quota_key, limits::text as limits, fetched_at from quota_limits where quota_key = any($1::text[])`,
};
