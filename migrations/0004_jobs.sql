-- What the jobs look for: whose midnight has come, and which months of the log are too old.

-- The time zone comes first: what begins at midnight is computed for each zone, and the zones are few.
create index merchant_quotas_by_reset on merchant_quotas (timezone, daily_reset_at);

create function drop_log_partition(kept_from timestamptz) returns text
language plpgsql as $$
declare
  part text;
begin
  select relname into part
  from pg_inherits join pg_class on pg_class.oid = inhrelid
  where inhparent = 'quota_usage_logs'::regclass
    and relname ~ '^quota_usage_logs_[0-9]{4}_[0-9]{2}$'
    and (to_date(right(relname, 7), 'YYYY_MM') + interval '1 month') at time zone 'UTC' <= kept_from
  order by relname
  limit 1;
  if part is not null then
    execute format('drop table %I', part);
  end if;
  return part;
end
$$;
comment on function drop_log_partition is 'Drops the oldest month of the log that ended before a time; returns its name, or null when there is none.';
