-- The limits last fetched from the policy service: in force while it is away, restarts included.

create table quota_limits (
  quota_key text collate "C" not null,
  shard integer not null,
  limits json not null,
  policy_version text,
  fetched_at timestamptz not null,
  primary key (quota_key, shard)
);
comment on table quota_limits is 'What the policy service said last of each key, written when it changed; a key without a row has the configured defaults.';
