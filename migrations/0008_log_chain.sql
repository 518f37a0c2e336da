-- The entries of a key are a chain: each bears the hash of all before it, so that none can be changed, removed or put
-- in without the ones behind it saying so.

alter table quota_usage_logs add column chain_no bigint;
comment on column quota_usage_logs.chain_no is 'The entry''s place among those of its key, from 1; null = written before there was a chain, or by a sweep.';
alter table quota_usage_logs add column chain_before bytea;
comment on column quota_usage_logs.chain_before is 'SHA-256 over the chain before the last entry and that entry''s canonical form; empty for the first.';

create table log_heads (
  quota_key text collate "C" not null,
  shard integer not null,
  entries bigint not null,
  hash bytea not null,
  primary key (quota_key, shard)
) with (fillfactor = 70);
comment on table log_heads is 'Where the chain of each key ends: how many entries it has, and the hash of all of them. Written by the checkpoint.';

create function next_link(state bytea, start bytea, entry bytea) returns bytea
language plpgsql immutable parallel safe as $$
begin
  return sha256(coalesce(state, start) || entry);
end
$$;

create aggregate chain_of(start bytea, entry bytea) (sfunc = next_link, stype = bytea);
comment on aggregate chain_of(bytea, bytea) is 'The hash of a chain that goes on from start with these entries, in their order.';

create function log_heads_of(keys text[]) returns setof log_heads
language plpgsql volatile as $$
begin
  return query select * from log_heads where quota_key = any (keys);
end
$$;
comment on function log_heads_of is 'Volatile, so that it sees what was committed until it is called: a checkpoint calls it once it has waited for the one before.';

-- A view keeps the columns that it was made with. What is in the tail has no place in the chain yet.
create or replace view quota_usage_logs_live as
select * from quota_usage_logs
union all
select entry.*
from journal_tail, unnest(journal_tail.facts) as entry;
