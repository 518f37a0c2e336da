-- The first schema: writers and their fenced journal, and the tables that are written from it.
--
-- Every primary key and unique index contains shard or writer_id, so that the schema distributes as it is.
-- Keys are compared byte by byte (collate "C"): a merchant's rows are the range 'merchant ' … 'merchant!'.

create table writers (
  writer_id bigint generated always as identity primary key,
  node text not null,
  opened_at timestamptz not null default now(),
  closed_at timestamptz
);
comment on table writers is 'One fenced journal stream each. The row is the fence: nothing but opening and closing writes it.';
create index writers_open on writers (node) where closed_at is null;

create table checkpoints (
  writer_id bigint primary key references writers,
  seq bigint not null
);
comment on table checkpoints is 'Up to which journal row of a writer the tables are complete.';

create table leases (
  writer_id bigint primary key references writers,
  lease_until timestamptz not null,
  draining boolean not null default false,
  address text not null,
  version text not null
);
comment on table leases is 'How long a writer lives, by the clock of this database.';

create table shards (
  shard integer primary key,
  writer_id bigint references writers,
  epoch bigint not null default 0,
  pinned_node text
);
comment on table shards is 'Who owns a shard; a shard without a writer is free.';

create table merchant_quotas (
  quota_key text collate "C" not null,
  shard integer not null,
  merchant_id text not null,
  currency text not null,
  timezone text not null,
  daily_period text not null,
  monthly_period text not null,
  yearly_period text not null,
  daily_used bigint not null check (daily_used >= 0),
  monthly_used bigint not null check (monthly_used >= 0),
  yearly_used bigint not null check (yearly_used >= 0),
  daily_reserved bigint not null check (daily_reserved >= 0),
  monthly_reserved bigint not null check (monthly_reserved >= 0),
  yearly_reserved bigint not null check (yearly_reserved >= 0),
  pending_amount bigint not null check (pending_amount >= 0),
  reserved_amount bigint not null check (reserved_amount >= 0),
  refunded_today bigint not null check (refunded_today >= 0),
  refunded_month bigint not null check (refunded_month >= 0),
  refunded_year bigint not null check (refunded_year >= 0),
  transactions_today integer not null check (transactions_today >= 0),
  transactions_month integer not null check (transactions_month >= 0),
  transactions_year integer not null check (transactions_year >= 0),
  daily_alerted smallint not null,
  monthly_alerted smallint not null,
  yearly_alerted smallint not null,
  daily_reset_at timestamptz not null,
  monthly_reset_at timestamptz not null,
  yearly_reset_at timestamptz not null,
  daily_limit bigint,
  monthly_limit bigint,
  yearly_limit bigint,
  limits_source text not null,
  policy_version text,
  is_suspended boolean not null,
  suspended_at timestamptz,
  suspended_reason text,
  suspended_by text,
  last_order_no text,
  last_payment_no text,
  last_updated_by text,
  version bigint not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  primary key (quota_key, shard)
) with (fillfactor = 70);
comment on table merchant_quotas is 'What each merchant has used in each currency, as of the checkpoint; merchant_quotas_live adds the journal tail.';

create table quota_orders (
  order_key text collate "C" not null,
  shard integer not null,
  amount bigint not null check (amount >= 0),
  released bigint not null check (released >= 0 and released <= amount),
  settled bigint not null check (settled >= 0 and settled <= amount),
  charged_periods text[] not null,
  hold_state text,
  hold_amount bigint,
  hold_expires_at timestamptz,
  effects text[] not null,
  version bigint not null,
  updated_at timestamptz not null,
  primary key (order_key, shard)
);
comment on table quota_orders is 'What each order_no did (order_key: merchant, currency, order_no). Kept for ever: idempotency does not expire.';
create index quota_orders_open_holds on quota_orders (order_key) where hold_state = 'open';
create index quota_orders_due_holds on quota_orders (hold_expires_at) where hold_state = 'open';

create table quota_usage_logs (
  id uuid not null,
  shard integer not null,
  merchant_id text not null,
  currency text not null,
  order_no text,
  payment_no text,
  refund_no text,
  action_type text not null,
  amount bigint not null,
  daily_used_before bigint not null,
  daily_used_after bigint not null,
  monthly_used_before bigint not null,
  monthly_used_after bigint not null,
  yearly_used_before bigint not null,
  yearly_used_after bigint not null,
  pending_before bigint not null,
  pending_after bigint not null,
  reserved_before bigint not null,
  reserved_after bigint not null,
  daily_limit bigint,
  monthly_limit bigint,
  yearly_limit bigint,
  limits_source text not null,
  policy_version text,
  charged_periods text[] not null,
  success boolean not null,
  failure_reason text,
  operator_id text not null,
  operator_type text not null,
  metadata json,
  remarks text,
  trace_id text,
  version bigint not null,
  created_at timestamptz not null
) partition by range (created_at);
comment on table quota_usage_logs is 'The audit trail: one row for each change and each refused change, with what stood before and after.';
create table quota_usage_logs_other partition of quota_usage_logs default;
create index quota_usage_logs_by_merchant on quota_usage_logs (merchant_id, created_at, id);
create index quota_usage_logs_by_order on quota_usage_logs (order_no);

create function make_log_partitions(from_month timestamptz, months integer) returns void
language plpgsql as $$
declare
  first_day timestamp;
  part text;
begin
  for i in 0 .. months - 1 loop
    first_day := date_trunc('month', from_month at time zone 'UTC') + make_interval(months => i);
    part := 'quota_usage_logs_' || to_char(first_day, 'YYYY_MM');
    continue when to_regclass(part) is not null;
    -- Rows that already went to the catch-all partition stay there: they are found as well.
    continue when exists (
      select from quota_usage_logs_other
      where created_at >= first_day at time zone 'UTC'
        and created_at < (first_day + interval '1 month') at time zone 'UTC'
    );
    execute format(
      'create table %I partition of quota_usage_logs for values from (%L) to (%L)',
      part, first_day at time zone 'UTC', (first_day + interval '1 month') at time zone 'UTC'
    );
  end loop;
end
$$;
comment on function make_log_partitions is 'Makes the monthly partitions of the log ahead of time.';

create table quota_alerts (
  id uuid not null,
  shard integer not null,
  merchant_id text not null,
  currency text not null,
  alert_type text not null,
  alert_level text not null,
  message text not null,
  current_used bigint not null,
  limit_amount bigint not null,
  usage_percent numeric(24, 2) not null,
  period text not null,
  is_resolved boolean not null default false,
  resolved_at timestamptz,
  resolved_by text,
  resolve_notes text,
  notification_sent boolean not null default false,
  notification_sent_at timestamptz,
  created_at timestamptz not null,
  primary key (id, shard),
  unique (merchant_id, currency, alert_type, period, shard)
);
comment on table quota_alerts is 'Thresholds crossed: once per key, type and period, stored with the change that crossed them.';
create index quota_alerts_by_merchant on quota_alerts (merchant_id, created_at, id);
create index quota_alerts_unresolved on quota_alerts (created_at, id) where not is_resolved;

create table journal (
  writer_id bigint not null references writers,
  seq bigint not null,
  facts quota_usage_logs[] not null,
  quotas merchant_quotas[] not null,
  orders quota_orders[] not null,
  alerts quota_alerts[] not null,
  written_at timestamptz not null default now(),
  primary key (writer_id, seq)
);
comment on table journal is 'The truth, one row a group commit: the log entries, and the quotas, orders and alerts as they are after them, each as rows of the table that they go to.';
-- A row lives for a second: compressing it costs more than it saves.
alter table journal alter column facts set storage external;
alter table journal alter column quotas set storage external;
alter table journal alter column orders set storage external;
alter table journal alter column alerts set storage external;

create view journal_tail as
select journal.*
from journal
join checkpoints using (writer_id)
where journal.seq > checkpoints.seq;
comment on view journal_tail is 'What is durable and not yet in the tables.';

create view quota_usage_logs_live as
select * from quota_usage_logs
union all
select entry.*
from journal_tail, unnest(journal_tail.facts) as entry;

create view merchant_quotas_live as
with tail as (
  select distinct on (quota.quota_key) quota.*
  from journal_tail, unnest(journal_tail.quotas) as quota
  order by quota.quota_key, quota.version desc
)
select * from tail
union all
select * from merchant_quotas where not exists (select from tail where tail.quota_key = merchant_quotas.quota_key);

create view quota_orders_live as
with tail as (
  select distinct on (changed.order_key) changed.*
  from journal_tail, unnest(journal_tail.orders) as changed
  order by changed.order_key, changed.version desc
)
select * from tail
union all
select * from quota_orders where not exists (select from tail where tail.order_key = quota_orders.order_key);
