import type { Statement } from "../../src/platform/database.ts";

/**
 * Says that usage events are published, so that new writers begin with a mark, and marks open writers that have none:
 * their events begin with what the tables do not have yet.
 */
export const keepFeed: Statement = {
  name: "keep_feed",
  text: `
    with fed as (
      insert into event_feeds (since) select now() where not exists (select from event_feeds)
    )
    insert into event_marks (writer_id, seq)
    select writers.writer_id, checkpoints.seq
    from writers join checkpoints using (writer_id)
    where writers.closed_at is null
      and not exists (select from event_marks where event_marks.writer_id = writers.writer_id)
    on conflict do nothing`,
};

/** Usage events are not published any more: no journal row waits for it. */
export const endFeed: Statement = {
  name: "end_feed",
  text: `with ended as (delete from event_feeds) delete from event_marks`,
};

/** Takes a writer that has something to publish and that nobody has, until $2. */
export const claimWriter: Statement = {
  name: "claim_event_writer",
  text: `
    update event_marks set claimed_until = $2
    where writer_id = (
      select mark.writer_id from event_marks as mark
      where (mark.claimed_until is null or mark.claimed_until <= $1)
        and exists (select from journal where journal.writer_id = mark.writer_id and journal.seq > mark.seq)
      order by mark.writer_id
      limit 1
      for update skip locked
    )
    returning writer_id, seq`,
};

/** The entries of the next journal rows behind a mark, in their order; refusals too, for they have a place in it. */
export const nextEntries: Statement = {
  name: "next_event_entries",
  text: `
    select batch.seq, entry.id, entry.merchant_id, entry.currency, entry.action_type, entry.order_no,
      entry.payment_no, entry.refund_no, entry.charged_periods, entry.created_at, entry.version, entry.amount,
      entry.daily_used_after, entry.monthly_used_after, entry.yearly_used_after, entry.pending_after,
      entry.reserved_after, entry.success
    from (
      select seq, facts from journal where writer_id = $1 and seq > $2 order by seq limit $3
    ) as batch,
    unnest(batch.facts) with ordinality as entry
    order by batch.seq, entry.ordinality`,
};

/** Moves the mark, never back; $3 = the claim goes on until then, null = it ends. */
export const moveMark: Statement = {
  name: "move_event_mark",
  text: `
    update event_marks set seq = greatest(seq, $2), claimed_until = $3::timestamptz
    where writer_id = $1`,
};

/** Marks of closed writers that have published everything. */
export const dropMarks: Statement = {
  name: "drop_event_marks",
  text: `
    delete from event_marks as mark using writers
    where writers.writer_id = mark.writer_id and writers.closed_at is not null
      and (mark.claimed_until is null or mark.claimed_until <= $1)
      and not exists (select from journal where journal.writer_id = mark.writer_id and journal.seq > mark.seq)`,
};
