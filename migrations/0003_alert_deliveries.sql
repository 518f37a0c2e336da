-- Alerts reach people: one row for each alert and target, from the first try to the last.

alter table quota_alerts add column version bigint;
comment on column quota_alerts.version is 'Of the key, as the change left it that raised the alert; null = raised by no change, or before this was kept.';
alter table quota_alerts add column deliveries_made_at timestamptz;
comment on column quota_alerts.deliveries_made_at is 'When its deliveries were made; null = not yet, however the alert came into the table.';
-- Nobody is told today of what happened before there was anybody to tell.
update quota_alerts set deliveries_made_at = now();
create index quota_alerts_without_deliveries on quota_alerts (created_at, id) where deliveries_made_at is null;

create table alert_deliveries (
  alert_id uuid not null,
  shard integer not null,
  target text not null,
  channel text not null check (channel in ('nats', 'webhook', 'notification')),
  state text not null default 'pending' check (state in ('pending', 'delivered', 'failed')),
  attempts integer not null default 0 check (attempts >= 0),
  next_try_at timestamptz not null,
  give_up_at timestamptz not null,
  claimed_until timestamptz,
  last_error text,
  delivered_at timestamptz,
  alert_at timestamptz not null,
  primary key (alert_id, target, shard),
  foreign key (alert_id, shard) references quota_alerts (id, shard) on delete cascade
);
comment on table alert_deliveries is 'The outbox of the alerts: whom each is to reach, and how far that is. Of a target, the oldest pending one is tried first.';
create index alert_deliveries_pending on alert_deliveries (target, alert_at, alert_id) where state = 'pending';
create index alert_deliveries_failed on alert_deliveries (alert_at, alert_id) where state = 'failed';
