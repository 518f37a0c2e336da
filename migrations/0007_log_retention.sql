-- From when on the log is whole: a verifier then knows which gap is retention and which is damage.

create table log_retention (
  shard integer primary key check (shard = 0),
  kept_from timestamptz not null
);
comment on table log_retention is 'One row (of shard 0, so that the key distributes) once entries were dropped as old: none that is as young as kept_from ever was.';

-- Where months were dropped before this was kept, the oldest that is left is where the log begins.
insert into log_retention (shard, kept_from)
select 0, oldest.first_day
from (
  select min(to_date(right(relname, 7), 'YYYY_MM'))::timestamp at time zone 'UTC' as first_day
  from pg_inherits join pg_class on pg_class.oid = inhrelid
  where inhparent = 'quota_usage_logs'::regclass and relname ~ '^quota_usage_logs_[0-9]{4}_[0-9]{2}$'
) as oldest
where exists (select from merchant_quotas where created_at < oldest.first_day);

create or replace function drop_log_partition(kept_from timestamptz) returns text
language plpgsql as $$
declare
  part text;
begin
  select relname into part
  from pg_inherits join pg_class on pg_class.oid = inhrelid
  where inhparent = 'quota_usage_logs'::regclass
    and relname ~ '^quota_usage_logs_[0-9]{4}_[0-9]{2}$'
    and (to_date(right(relname, 7), 'YYYY_MM') + interval '1 month') at time zone 'UTC' <= drop_log_partition.kept_from
  order by relname
  limit 1;
  if part is not null
    or exists (select from quota_usage_logs_other where created_at < drop_log_partition.kept_from) then
    -- Before anything is dropped, here or row by row behind this call.
    insert into log_retention as known (shard, kept_from) values (0, drop_log_partition.kept_from)
    on conflict (shard) do update set kept_from = greatest(known.kept_from, excluded.kept_from);
  end if;
  if part is not null then
    execute format('drop table %I', part);
  end if;
  return part;
end
$$;
