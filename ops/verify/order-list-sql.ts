import type { Statement } from "../../src/platform/database.ts";

/** Gone with its transaction. */
export const makeListed: Statement = {
  name: "verify_make_listed",
  text: `
    create temporary table listed_orders (
      order_key text collate "C" primary key,
      line bigint not null,
      amount bigint not null,
      state text not null
    ) on commit drop`,
};

/** @returns the lines that were written: an order that was listed before is left out */
export const writeListed: Statement = {
  name: "verify_write_listed",
  text: `
    insert into listed_orders (order_key, line, amount, state)
    select * from unnest($1::text[], $2::bigint[], $3::bigint[], $4::text[])
    on conflict do nothing
    returning line`,
};

export const analyzeListed: Statement = {
  name: "verify_analyze_listed",
  text: "analyze listed_orders",
};

/** Orders in the gateway's words: what is taken, or what was held of those that were never taken. */
const orderInWords = `
  case
    when hold_state = 'open' then 'held ' || hold_amount
    when hold_state in ('cancelled', 'expired') then 'dropped ' || hold_amount
    when released = amount then 'given_back ' || amount
    else 'taken ' || amount
  end`;

/** Listed orders that are unknown here or that are another here: the first $1, and on each the number of all. */
export const ordersUnlikeList: Statement = {
  name: "verify_orders_unlike_list",
  text: `
    select
      listed.order_key, listed.line, listed.state || ' ' || listed.amount as listed, known.here,
      count(*) over () as found_in_all
    from listed_orders as listed
      left join (select order_key, ${orderInWords} as here from quota_orders_live) as known using (order_key)
    where known.here is distinct from listed.state || ' ' || listed.amount
    order by listed.line
    limit $1`,
};

/** Orders of the listed keys that the list does not have. */
export const ordersNotListed: Statement = {
  name: "verify_orders_not_listed",
  text: `
    with keys as (
      select distinct split_part(order_key, ' ', 1) || ' ' || split_part(order_key, ' ', 2) as quota_key
      from listed_orders
    )
    select known.order_key, ${orderInWords} as here, count(*) over () as found_in_all
    from quota_orders_live as known
    where split_part(order_key, ' ', 1) || ' ' || split_part(order_key, ' ', 2) in (select quota_key from keys)
      and strpos(order_key, ' adjust ') = 0
      and not exists (select from listed_orders as listed where listed.order_key = known.order_key)
    order by known.order_key
    limit $1`,
};
