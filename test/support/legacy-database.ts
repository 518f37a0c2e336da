import pg from "pg";

import type { PostgresAddress } from "./services.ts";

/** How big a made-up database of the old service is; the same seed makes the same rows. */
export interface LegacySize {
  readonly merchants: number;
  readonly logRows: number;
  readonly seed: string;
  /** RFC 3339; the log ends here, and the counters are those of its day and month in UTC. */
  readonly asOf: string;
}

/** The old service's own tables, as far as it is known. */
const tables = `
create table merchant_tiers (
  id uuid primary key,
  tier_code varchar(50) not null,
  daily_limit bigint not null,
  monthly_limit bigint not null,
  single_trans_limit bigint not null,
  deleted_at timestamptz
);
create table merchant_limits (
  id uuid primary key,
  merchant_id uuid not null unique,
  tier_id uuid not null,
  daily_used bigint default 0,
  monthly_used bigint default 0,
  pending_amount bigint default 0,
  refunded_today bigint default 0,
  daily_reset_at timestamptz,
  monthly_reset_at timestamptz,
  custom_daily_limit bigint,
  custom_monthly_limit bigint,
  custom_single_trans_limit bigint,
  is_suspended boolean default false,
  suspended_at timestamptz,
  suspended_reason varchar(500),
  created_at timestamptz default now(),
  updated_at timestamptz default now(),
  deleted_at timestamptz
);
create table limit_usage_logs (
  id uuid primary key,
  merchant_id uuid not null,
  payment_no varchar(64),
  order_no varchar(64),
  action_type varchar(20) not null,
  amount bigint not null,
  currency varchar(10) not null,
  daily_limit_before bigint,
  daily_used_before bigint,
  daily_used_after bigint,
  monthly_used_before bigint,
  monthly_used_after bigint,
  success boolean default true,
  failure_reason varchar(200),
  metadata jsonb,
  created_at timestamptz default now(),
  deleted_at timestamptz
);
create index on limit_usage_logs (merchant_id);
create index on limit_usage_logs (created_at);

create function drawn(seed text, what text, n bigint) returns bigint language sql immutable as $$
  select ('x' || substr(md5(seed || what || n), 1, 12))::bit(48)::bigint
$$;`;

const tiers = `
insert into merchant_tiers
select md5('tier' || n)::uuid, 'tier-' || n, n * 10000000, n * 200000000, n * 1000000, null
from generate_series(1, 5) as n`;

/**
 * Rows in fives: four consumes (some refused, a few in EUR), and what came of the fourth, which is given back, whole
 * or in part; now and then a reset. A few merchants have far more than the others. $1 rows, $2 merchants, $3 seed, $4 end
 */
const logs = `
with drawn_rows as (
  select n, n % 5 = 0 as gives_back, n - case when n % 5 = 0 then 1 else 0 end as story
  from generate_series(1, $1::bigint) as n
),
told as (
  select n, story, gives_back,
    1 + (power(drawn($3, 'merchant', story) / 281474976710656.0, 1.3) * ($2::bigint - 1))::bigint as merchant,
    1 + drawn($3, 'amount', story) % 500000 as whole,
    $4::timestamptz - (drawn($3, 'time', story) % 34560000 + 60) * interval '1 second' as taken_at
  from drawn_rows
),
timed as (
  select *,
    case when gives_back
      then least(taken_at + drawn($3, 'back', n) % 172800 * interval '1 second', $4::timestamptz)
      else taken_at end as at,
    case when gives_back and n % 3 = 0 then whole / 2 + 1 else whole end as amount,
    case when n % 200 = 1 then 'reset' when gives_back then 'release' else 'consume' end as action,
    n % 20 <> 7 as success
  from told
),
summed as (
  select *,
    sum(case when success and action = 'consume' then amount else 0 end)
      over (partition by merchant, (at at time zone 'UTC')::date order by at, n) as day_after,
    sum(case when success and action = 'consume' then amount else 0 end)
      over (partition by merchant, date_trunc('month', at at time zone 'UTC') order by at, n) as month_after
  from timed
)
insert into limit_usage_logs
select md5($3 || 'log' || n)::uuid, md5($3 || 'merchant' || merchant)::uuid,
  case when action <> 'reset' then 'PAY-' || story end,
  case when action <> 'reset' then 'ORDER-' || story end,
  action, case when action = 'reset' then 0 else amount end,
  case when story % 97 = 1 and not gives_back and story % 5 <> 4 then 'EUR' else 'USD' end,
  50000000, day_after - case when success and action = 'consume' then amount else 0 end, day_after,
  month_after - case when success and action = 'consume' then amount else 0 end, month_after,
  success, case when not success then 'daily limit exceeded' end,
  case when n % 11 = 0 then jsonb_build_object('channel', 'card', 'n', n) end, at, null
from summed`;

/** $1 merchants, $2 seed, $3 end */
const limits = `
with used as (
  select merchant_id,
    coalesce(sum(amount) filter (where action_type = 'consume' and success and currency = 'USD'
      and created_at >= date_trunc('day', $3::timestamptz, 'UTC')), 0) as today,
    coalesce(sum(amount) filter (where action_type = 'consume' and success and currency = 'USD'
      and created_at >= date_trunc('month', $3::timestamptz, 'UTC')), 0) as month,
    coalesce(sum(amount) filter (where action_type = 'release' and success
      and created_at >= date_trunc('day', $3::timestamptz, 'UTC')), 0) as back
  from limit_usage_logs group by 1
)
insert into merchant_limits
select md5($2 || 'limit' || n)::uuid, md5($2 || 'merchant' || n)::uuid, md5('tier' || (1 + n % 5))::uuid,
  -- Some counters are of a day that is over, which nobody has set to zero.
  case when n % 10 = 0 then 777 else coalesce(today, 0) end,
  coalesce(month, 0),
  coalesce(month, 0) / 2,
  coalesce(back, 0),
  date_trunc('day', $3::timestamptz, 'UTC') + case when n % 10 = 0 then interval '0' else interval '1 day' end,
  case when n % 100 = 3 then null else date_trunc('month', $3::timestamptz, 'UTC') + interval '1 month' end,
  case when n % 7 = 0 then 90000000 + n end, case when n % 7 = 0 then 900000000 + n end, null,
  n % 50 = 0, case when n % 100 = 0 then $3::timestamptz - interval '3 days' end,
  case when n % 50 = 0 then 'too many chargebacks' end,
  $3::timestamptz - interval '400 days', $3::timestamptz - interval '1 hour', null
from generate_series(1, $1::bigint) as n
left join used on used.merchant_id = md5($2 || 'merchant' || n)::uuid`;

/** Fills an empty database with what the old service would have left. */
export async function makeLegacyDatabase(
  address: PostgresAddress,
  size: LegacySize,
): Promise<void> {
  await asked(address, async (client) => {
    await client.query(tables);
    await client.query(tiers);
    await client.query(logs, [size.logRows, size.merchants, size.seed, size.asOf]);
    await client.query(limits, [size.merchants, size.seed, size.asOf]);
    await client.query("analyze");
  });
}

/** Statements on a connection of their own: what a person does to the old database by hand. */
export function asked<T>(
  address: PostgresAddress,
  body: (client: pg.Client) => Promise<T>,
): Promise<T> {
  const client = new pg.Client({ ...address, connectionTimeoutMillis: 5_000 });
  client.on("error", () => undefined);
  return client
    .connect()
    .then(() => body(client))
    .finally(() => client.end());
}

/** The address as `--from` takes it. */
export function urlOf({ user, password, host, port, database }: PostgresAddress): string {
  return `postgres://${user}:${encodeURIComponent(password)}@${host}:${port}/${database}`;
}
