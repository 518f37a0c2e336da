import { useLanguage } from "../language.ts";
import type { LogEntry } from "../reply.ts";
import { LogRow } from "./merchant-log-row.tsx";

export function LogTable({
  items,
  zone,
}: {
  readonly items: readonly LogEntry[];
  readonly zone: string;
}) {
  const { words } = useLanguage();
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
            <th scope="col">
              <span class="unseen">{account.more}</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {items.map((entry) => (
            <LogRow key={entry.id} entry={entry} zone={zone} />
          ))}
        </tbody>
      </table>
    </div>
  );
}
