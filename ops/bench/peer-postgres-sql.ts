/*
 * What a good engineer would write in place of this service with Postgres alone: one call, one transaction, one row
 * lock. For a consume it does the same job: an order has one effect, however often it is sent, and a repeat is answered
 * with the first answer; three windows begin anew by the calendar; three limits hold; a log row says what stood before
 * and after. The lock is the update's own and the limits are in its condition, so it is held as shortly as can be; the
 * log row is the order's too. Two repeats at once: the second fails and is sent again.
 */
export const peerSchema = `
create table peer_quotas (
  merchant_id text primary key,
  day date not null default '2000-01-01',
  day_used bigint not null default 0,
  month_used bigint not null default 0,
  year_used bigint not null default 0,
  day_limit bigint not null default 1000000000000,
  month_limit bigint not null default 1000000000000,
  year_limit bigint not null default 1000000000000,
  version bigint not null default 0
) with (fillfactor = 70);

create table peer_logs (
  merchant_id text not null,
  order_no text not null,
  amount bigint not null,
  day_used_before bigint not null,
  day_used_after bigint not null,
  month_used_before bigint not null,
  month_used_after bigint not null,
  year_used_before bigint not null,
  year_used_after bigint not null,
  created_at timestamptz not null default now(),
  primary key (merchant_id, order_no)
);
create index peer_logs_by_merchant on peer_logs (merchant_id, created_at);

create function peer_consume(of_merchant text, of_order text, by_amount bigint) returns peer_logs
language plpgsql as $$
declare
  today constant date := (now() at time zone 'UTC')::date;
  this_month constant date := date_trunc('month', today);
  this_year constant date := date_trunc('year', today);
  answer peer_logs;
  quota peer_quotas;
begin
  select * into answer from peer_logs where merchant_id = of_merchant and order_no = of_order;
  if found then
    if answer.amount <> by_amount then
      raise exception 'order conflict';
    end if;
    return answer;
  end if;
  update peer_quotas set
    day = today,
    day_used = by_amount + case when day = today then day_used else 0 end,
    month_used = by_amount + case when day >= this_month then month_used else 0 end,
    year_used = by_amount + case when day >= this_year then year_used else 0 end,
    version = version + 1
  where merchant_id = of_merchant
    and by_amount + case when day = today then day_used else 0 end <= day_limit
    and by_amount + case when day >= this_month then month_used else 0 end <= month_limit
    and by_amount + case when day >= this_year then year_used else 0 end <= year_limit
  returning * into quota;
  if not found then
    raise exception 'limit exceeded';
  end if;
  insert into peer_logs values (
    of_merchant, of_order, by_amount, quota.day_used - by_amount, quota.day_used,
    quota.month_used - by_amount, quota.month_used, quota.year_used - by_amount, quota.year_used
  )
  returning * into answer;
  return answer;
end
$$;
`;

/** Used and log rows, a line each. */
export const peerSums = `
select coalesce(sum(year_used), 0) from peer_quotas
union all select count(*) from peer_logs`;
