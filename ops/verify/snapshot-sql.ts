import type { Statement } from "../../src/platform/database.ts";

/** One picture of tables and journal, in which nothing can be written. */
export const openSnapshot: readonly Statement[] = [
  {
    name: "verify_snapshot",
    text: "set transaction isolation level repeatable read, read only",
  },
  { name: "verify_patience", text: "set local idle_in_transaction_session_timeout = 0" },
  // Sorting a slice is done in a few large pieces.
  { name: "verify_sort_memory", text: "set local work_mem = '128MB'" },
];

/** How many shards there are, and from when on the log is whole. */
export const whatThereIs: Statement = {
  name: "verify_what_there_is",
  text: `
    select
      (select count(*) from shards) as shards,
      (select kept_from from log_retention) as kept_from,
      (select as_of from legacy_migration) as migrated_at`,
};
