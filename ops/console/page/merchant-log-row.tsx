import { useState } from "preact/hooks";

import { useLanguage } from "../language.ts";
import { useOperator } from "../operator.ts";
import { Times } from "../part/times.tsx";
import type { LogEntry } from "../reply.ts";

export const logColumns = 7;

/** One entry; opened, all that stood before and after it. */
export function LogRow({ entry, zone }: { readonly entry: LogEntry; readonly zone: string }) {
  const { language, words } = useLanguage();
  const operator = useOperator();
  const [isOpen, setIsOpen] = useState(false);
  const { account } = words;
  const amount = (minor: bigint): string => operator.amount(minor, entry.currency, language);
  return (
    <>
      <tr>
        <td>
          <Times at={entry.created_at} zone={zone} />
        </td>
        <td>
          {account.actions[entry.action_type] ?? entry.action_type}
          {!entry.success && (
            <span class="under bad">
              {words.refusals[entry.failure_reason ?? ""] ?? entry.failure_reason}
            </span>
          )}
        </td>
        <td>
          {entry.order_no ?? entry.refund_no ?? "–"}
          {entry.remarks !== null && <span class="under">{entry.remarks}</span>}
        </td>
        <td class="number">{amount(entry.amount)}</td>
        <td class="number">
          {entry.daily_used_before === entry.daily_used_after ? (
            amount(entry.daily_used_after)
          ) : (
            <>
              <span class="muted">{amount(entry.daily_used_before)} →</span>{" "}
              {amount(entry.daily_used_after)}
            </>
          )}
        </td>
        <td>{entry.operator_id}</td>
        <td class="number">
          <button
            type="button"
            class="link"
            aria-expanded={isOpen}
            onClick={() => {
              setIsOpen(!isOpen);
            }}
          >
            {isOpen ? account.less : account.more}
          </button>
        </td>
      </tr>
      {isOpen && (
        <tr class="detail">
          <td colSpan={logColumns}>
            <Detail entry={entry} />
          </td>
        </tr>
      )}
    </>
  );
}

function Detail({ entry }: { readonly entry: LogEntry }) {
  const { language, words } = useLanguage();
  const operator = useOperator();
  const { account, windows } = words;
  const amount = (minor: bigint | null): string =>
    minor === null ? words.unlimited : operator.amount(minor, entry.currency, language);
  const rows = [
    [windows.daily, entry.daily_used_before, entry.daily_used_after, entry.daily_limit],
    [windows.monthly, entry.monthly_used_before, entry.monthly_used_after, entry.monthly_limit],
    [windows.yearly, entry.yearly_used_before, entry.yearly_used_after, entry.yearly_limit],
    [account.reserved, entry.reserved_before, entry.reserved_after, undefined],
    [account.pending, entry.pending_before, entry.pending_after, undefined],
  ] as const;
  const facts = [
    [account.payment, entry.payment_no],
    [account.refund, entry.refund_no],
    [account.periods, entry.charged_periods.join(", ")],
    [account.limits, account.sources[entry.limits_source] ?? entry.limits_source],
    [account.trace, entry.trace_id],
    [account.entry, entry.id],
  ] as const;
  return (
    <>
      <table class="figures">
        <thead>
          <tr>
            <th scope="col">
              <span class="unseen">{account.amount}</span>
            </th>
            <th scope="col">{account.before}</th>
            <th scope="col">{account.after}</th>
            <th scope="col">{account.limit}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map(([name, before, after, limit]) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              <td>{amount(before)}</td>
              <td>{amount(after)}</td>
              <td>{limit === undefined ? "–" : amount(limit)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <dl class="facts">
        {facts
          .filter(([, value]) => value !== null && value !== "")
          .map(([name, value]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ))}
      </dl>
    </>
  );
}
