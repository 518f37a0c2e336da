import type { Session, Statement } from "../../platform/database.ts";
import type { UsageLogQuery } from "../../wire/http-list.ts";
import { type Page, pageOf, type PageRequest } from "./page.ts";

/** A merchant's log, newest first, behind a position. */
export const logsOfMerchant: Statement = {
  name: "edge-logs-of-merchant",
  text: `
    select id, merchant_id, currency, order_no, payment_no, refund_no, action_type, amount,
      daily_used_before, daily_used_after, monthly_used_before, monthly_used_after,
      yearly_used_before, yearly_used_after, pending_before, pending_after,
      reserved_before, reserved_after, daily_limit, monthly_limit, yearly_limit,
      limits_source, policy_version, charged_periods, success, failure_reason,
      operator_id, operator_type, metadata, remarks, trace_id, version, created_at
    from quota_usage_logs_live
    where merchant_id = $1
      and ($2::text is null or currency = $2)
      and ($3::text is null or action_type = $3)
      and ($4::boolean is null or success = $4)
      and created_at >= coalesce($5::timestamptz, '-infinity')
      and created_at < coalesce($6::timestamptz, 'infinity')
      and (created_at, id) < (
        coalesce($7::timestamptz, 'infinity'),
        coalesce($8::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff')
      )
    order by created_at desc, id desc
    limit $9::integer`,
};

/** What happened to an order, oldest first, behind a position; of one merchant, or of every merchant that used the number. */
export const logsOfOrder: Statement = {
  name: "edge-logs-of-order",
  text: `
    select id, merchant_id, currency, order_no, payment_no, refund_no, action_type, amount,
      daily_used_before, daily_used_after, monthly_used_before, monthly_used_after,
      yearly_used_before, yearly_used_after, pending_before, pending_after,
      reserved_before, reserved_after, daily_limit, monthly_limit, yearly_limit,
      limits_source, policy_version, charged_periods, success, failure_reason,
      operator_id, operator_type, metadata, remarks, trace_id, version, created_at
    from quota_usage_logs_live
    where order_no = $1
      and ($2::text is null or merchant_id = $2)
      and (created_at, id) > (
        coalesce($3::timestamptz, '-infinity'),
        coalesce($4::uuid, '00000000-0000-0000-0000-000000000000')
      )
    order by created_at, id
    limit $5::integer`,
};

export async function listLogsOfMerchant(
  reads: Session,
  merchantId: string,
  query: UsageLogQuery,
  { from, to, behind, items }: PageRequest,
): Promise<Page> {
  const { currency = null, action_type: action = null, success = null } = query;
  const filters = [merchantId, currency, action, success, from, to];
  const position = [behind?.createdAt ?? null, behind?.id ?? null];
  return pageOf(await reads.run(logsOfMerchant, [...filters, ...position, items + 1]), items);
}

export async function listLogsOfOrder(
  reads: Session,
  orderNo: string,
  onlyMerchant: string | null,
  { behind, items }: PageRequest,
): Promise<Page> {
  const position = [behind?.createdAt ?? null, behind?.id ?? null];
  const values = [orderNo, onlyMerchant, ...position, items + 1];
  return pageOf(await reads.run(logsOfOrder, values), items);
}
