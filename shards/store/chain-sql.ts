/** The columns of a log entry that come from the journal, in the order of the table. */
export const entryColumns = `
  id, shard, merchant_id, currency, order_no, payment_no, refund_no, action_type, amount,
  daily_used_before, daily_used_after, monthly_used_before, monthly_used_after,
  yearly_used_before, yearly_used_after, pending_before, pending_after, reserved_before, reserved_after,
  daily_limit, monthly_limit, yearly_limit, limits_source, policy_version, charged_periods,
  success, failure_reason, operator_id, operator_type, metadata, remarks, trace_id, version, created_at`;

/**
 * The canonical form of an entry: these columns as Postgres sends a row in binary, each with its type and length, so
 * that nothing can be taken for something else and no setting of a session changes it. A column that is added later may
 * come into it only where it is not null: the entries of before have to keep theirs.
 */
export const canonicalEntry = `record_send(row(${entryColumns}))`;
