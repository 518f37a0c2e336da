import { useLanguage } from "../language.ts";
import { useOperator } from "../operator.ts";
import { Times } from "../part/times.tsx";
import type { LogEntry } from "../reply.ts";

export function LogTable({
  items,
  zone,
}: {
  readonly items: readonly LogEntry[];
  readonly zone: string;
}) {
  const { language, words } = useLanguage();
  const operator = useOperator();
  const { account } = words;
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label={account.log}>
      <table class="log">
        <thead>
          <tr>
            <th scope="col">{account.time}</th>
            <th scope="col">{account.action}</th>
            <th scope="col">{account.order}</th>
            <th scope="col" class="number">
              {account.amount}
            </th>
            <th scope="col" class="number">
              {account.usedToday}
            </th>
            <th scope="col">{account.operator}</th>
          </tr>
        </thead>
        <tbody>
          {items.map((entry) => {
            const amount = (minor: bigint): string =>
              operator.amount(minor, entry.currency, language);
            return (
              <tr key={entry.id}>
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
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}
