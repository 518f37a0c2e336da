-- Usage events: journal rows are kept until they are published, while anybody publishes them.

create table event_feeds (
  since timestamptz not null
);
comment on table event_feeds is 'Has a row while usage events are published: each new writer then begins with a mark.';

create table event_marks (
  writer_id bigint primary key references writers,
  seq bigint not null,
  claimed_until timestamptz
);
comment on table event_marks is 'Up to which journal row the events of a writer are published. A writer without a mark publishes none.';

-- The journal is long while events wait. The tail is its end alone: each writer's is looked up by its own mark, and
-- the order keeps the planner from joining the two by reading all.
create or replace view journal_tail as
select batch.*
from checkpoints,
lateral (
  select * from journal
  where journal.writer_id = checkpoints.writer_id and journal.seq > checkpoints.seq
  order by journal.seq
) as batch;
