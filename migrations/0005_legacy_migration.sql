-- Where the migration from merchant-limit-service is: it goes on from here after it was interrupted, and is not done twice.

create table legacy_migration (
  shard integer primary key check (shard = 0),
  source text not null,
  currency text not null,
  timezone text not null,
  as_of timestamptz not null,
  last_merchant_id text collate "C",
  merchants bigint not null default 0,
  orders bigint not null default 0,
  log_rows bigint not null default 0,
  started_at timestamptz not null default now(),
  finished_at timestamptz
);
comment on table legacy_migration is 'One row (of shard 0, so that the key distributes): up to which merchant the old service''s rows are in the tables. It moves in the transaction that writes them.';
comment on column legacy_migration.as_of is 'The moment whose day, month and year count as running: the same for every part of one migration.';
