import { rowsOf, storeContract } from "../support/store-contract.ts";
import { mismatches, tellStory } from "../support/verified-story.ts";

const { contract } = storeContract();

/** What somebody does to the tables of the story, and what the verifier says of it. */
const damages: readonly {
  readonly name: string;
  readonly text: string;
  readonly found: readonly string[];
}[] = [
  {
    name: "an amount that was changed",
    text: "update quota_usage_logs set amount = 25 where order_no = 'A-2' and action_type = 'consume'",
    found: [
      "entry_altered of M-1 USD A-2: its hash is another (consume A-2)",
      "entry_differs of M-1 USD A-2: daily_used_after is 70 and not 65 (consume A-2)",
      "order_differs of M-1 USD A-2: amount is 30 and not 25",
    ],
  },
  {
    name: "an entry that was removed",
    text: "delete from quota_usage_logs where order_no = 'A-2' and action_type = 'consume'",
    found: [
      "chain_broken of M-1 USD A-3: chain_no is 3 and not 2 (consume A-3)",
      "entries_missing of M-1 USD: version is nothing and not 2",
      "order_differs of M-1 USD A-2: amount is 30 and not 0",
      "order_differs of M-1 USD A-2: effects is 2 and not 1",
      "alert_differs of M-1 USD: daily_80 is 70 of 80 in 2026-11-22 and not nothing (an alert)",
    ],
  },
  {
    name: "the last entry, removed",
    text: "delete from quota_usage_logs where action_type = 'reset'",
    found: [
      "chain_broken of M-1 USD: entries of the chain is 8 and not 9",
      "entries_missing of M-1 USD: version is nothing and not 8",
    ],
  },
  {
    name: "an entry that was put in",
    text: `insert into quota_usage_logs
      select made.* from quota_usage_logs as log, json_populate_record(log, json_build_object(
        'id', '00000000-0000-4000-8000-000000000000', 'order_no', 'X-1', 'created_at', log.created_at + interval '1 minute'
      )) as made where log.order_no = 'A-2' and log.action_type = 'consume'`,
    found: [
      "chain_broken of M-1 USD X-1: chain_no is 2 and not 3 (consume X-1)",
      "entry_doubled of M-1 USD X-1: version is 2 and not nothing (consume X-1)",
      "order_missing of M-1 USD X-1: amount is nothing and not 30",
    ],
  },
  {
    name: "an entry that says another operator",
    text: "update quota_usage_logs set operator_id = 'bob' where action_type = 'release'",
    found: ["entry_altered of M-1 USD A-1: its hash is another (release A-1)"],
  },
  {
    name: "the last entry, with other words",
    text: "update quota_usage_logs set remarks = 'nothing' where action_type = 'reset'",
    found: ["entry_altered of M-1 USD: its hash is another (reset)"],
  },
  {
    name: "a refused command that was removed",
    text: "delete from quota_usage_logs where not success",
    found: ["chain_broken of M-1 USD H-1: chain_no is 4 and not 3 (reserve H-1)"],
  },
  {
    name: "a refused command that nobody sent",
    text: `insert into quota_usage_logs
      select made.* from quota_usage_logs as log, json_populate_record(log,
        '{"id":"00000000-0000-4000-8000-000000000000","chain_no":null,"chain_before":null}') as made
      where not log.success`,
    found: ["entry_unchained of M-1 USD A-3: chain_no is nothing and not nothing (consume A-3)"],
  },
  {
    name: "a refused command that is there twice",
    text: `insert into quota_usage_logs
      select made.* from quota_usage_logs as log, json_populate_record(log,
        '{"id":"00000000-0000-4000-8000-000000000000"}') as made
      where not log.success`,
    found: [
      "chain_broken of M-1 USD A-3: chain_no is 3 and not 4 (consume A-3)",
      "entry_altered of M-1 USD A-3: its hash is another (consume A-3)",
    ],
  },
  {
    name: "the end of a chain, cut off with all that speaks of it",
    text: `with cut as (delete from quota_usage_logs where action_type = 'reset')
      update merchant_quotas set version = 7, monthly_period = '2026-11', monthly_used = 60, monthly_reserved = 5,
        transactions_month = 3, refunded_month = 10, monthly_alerted = 0,
        updated_at = (select created_at from quota_usage_logs where action_type = 'resume')`,
    found: ["chain_broken of M-1 USD: entries of the chain is 8 and not 9"],
  },
  {
    name: "a head that is gone",
    text: "delete from log_heads",
    found: ["chain_broken of M-1 USD: entries of the chain is 9 and not nothing"],
  },
  {
    name: "a sum that was changed",
    text: "update merchant_quotas set daily_used = daily_used - 10",
    found: ["quota_differs of M-1 USD: daily_used is 50 and not 60"],
  },
  {
    name: "a held sum that was changed",
    text: "update merchant_quotas set daily_reserved = 0",
    found: [
      "quota_differs of M-1 USD: daily_reserved is 0 and not 5",
      "quota_differs of M-1 USD: daily_reserved by orders is 0 and not 5",
    ],
  },
  {
    name: "the state of a hold",
    text: "update quota_orders set hold_state = 'cancelled' where hold_state = 'open'",
    found: [
      "quota_differs of M-1 USD: daily_reserved by orders is 5 and not 0",
      "quota_differs of M-1 USD: reserved_amount by orders is 5 and not 0",
      "quota_differs of M-1 USD: yearly_reserved by orders is 5 and not 0",
      "order_differs of M-1 USD H-1: hold_state is cancelled and not open",
    ],
  },
  {
    name: "an order that is gone",
    text: "delete from quota_orders where order_key = 'M-1 USD A-2'",
    found: ["order_missing of M-1 USD A-2: amount is nothing and not 30"],
  },
  {
    name: "an order that nobody made",
    text: `insert into quota_orders
      select made.* from quota_orders as o, json_populate_record(o, '{"order_key":"M-1 USD X-9"}') as made
      where o.order_key = 'M-1 USD A-2'`,
    found: ["order_without_entries of M-1 USD X-9: amount is 30 and not nothing"],
  },
  {
    name: "an order given back more than it was",
    text: "update quota_orders set released = released + 20 where order_key = 'M-1 USD A-1'",
    found: [
      "quota_differs of M-1 USD: pending_amount by orders is 30 and not 10",
      "order_differs of M-1 USD A-1: released is 30 and not 10",
    ],
  },
  {
    name: "a quota that is gone",
    text: "delete from merchant_quotas",
    found: ["quota_missing of M-1 USD: version is nothing and not 8"],
  },
  {
    name: "an alert that is gone",
    text: "delete from quota_alerts where alert_type = 'daily_80'",
    found: ["alert_missing of M-1 USD: daily_80 is nothing and not of period 2026-11-22"],
  },
  {
    name: "the alert of a suspension that is gone",
    text: "delete from quota_alerts where alert_type = 'suspended'",
    found: ["alert_missing of M-1 USD: suspended is nothing and not of period v6"],
  },
  {
    name: "an alert that says another use",
    text: "update quota_alerts set current_used = 79 where alert_type = 'daily_80'",
    found: [
      "alert_differs of M-1 USD: daily_80 is 79 of 80 in 2026-11-22 and not 70 of 80 in 2026-11-22 (an alert)",
    ],
  },
  {
    name: "the version of an entry",
    text: "update quota_usage_logs set version = 3 where order_no = 'A-1' and action_type = 'release'",
    found: [
      "entry_altered of M-1 USD A-1: its hash is another (release A-1)",
      "entries_missing of M-1 USD: version is nothing and not 4",
      "entry_doubled of M-1 USD A-1: version is 3 and not nothing (release A-1)",
      "order_differs of M-1 USD A-1: version is 4 and not 3",
    ],
  },
  {
    name: "an entry under another merchant's name",
    text: "update quota_usage_logs set merchant_id = 'M-9' where order_no = 'A-1' and action_type = 'release'",
    found: [
      "chain_broken of M-1 USD A-2: chain_no is 6 and not 5 (settle A-2)",
      "entries_missing of M-1 USD: version is nothing and not 4",
      "order_differs of M-1 USD A-1: effects is 2 and not 1",
      "order_differs of M-1 USD A-1: released is 10 and not 0",
      "order_differs of M-1 USD A-1: version is 4 and not 1",
      "chain_broken of M-9 USD A-1: chain_no is 5 and not 1 (release A-1)",
      "chain_broken of M-9 USD: entries of the chain is 5 and not nothing",
      "entries_missing of M-9 USD: version is nothing and not 1 to 3",
      "quota_missing of M-9 USD: version is nothing and not 4",
      "order_missing of M-9 USD A-1: amount is nothing and not 0",
    ],
  },
];

for (const { name, text, found } of damages) {
  contract(`${name} is found and named`, async (t, database) => {
    await tellStory(database);
    t.deepEqual(await mismatches(database), []);

    await rowsOf(database, text);

    t.deepEqual(await mismatches(database), found);
  });
}
