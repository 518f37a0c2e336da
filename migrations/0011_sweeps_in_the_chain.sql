-- What a sweep writes has its place in the chain of its key, too. A checkpoint and a sweep of the same key may meet: who
-- reads the key's head holds it until the end of its transaction, and reads what the other one has left.

create or replace function log_heads_of(keys text[]) returns setof log_heads
language plpgsql volatile
set enable_seqscan = off
as $$
begin
  return query select * from log_heads where quota_key = any (keys) for update;
end
$$;
comment on function log_heads_of is 'Volatile, so that it sees what was committed until it is called: a checkpoint calls it once it has waited for the one before. Locks the heads: no sweep goes on from the same one.';

comment on table log_heads is 'Where the chain of each key ends: how many entries it has, and the hash of all of them. Written by the checkpoint and the reset sweep.';
comment on column quota_usage_logs.chain_no is 'The entry''s place among those of its key, from 1; null = written before there was a chain.';
