import { useState } from "preact/hooks";

import { amountFrom } from "../amount.ts";
import { useLanguage } from "../language.ts";
import { useOperator } from "../operator.ts";
import { ActionDialog, Preview } from "../part/dialog.tsx";
import type { Quota } from "../reply.ts";

const windowNames = ["daily", "monthly", "yearly"] as const;
type PerWindow<T> = Readonly<Record<(typeof windowNames)[number], T>>;

/** Corrects by hand what is used. */
export function AdjustDialog({
  quota,
  onDone,
  onClose,
}: {
  readonly quota: Quota;
  readonly onDone: (version: number | null) => void;
  readonly onClose: () => void;
}) {
  const { language, words } = useLanguage();
  const operator = useOperator();
  const { account, windows } = words;
  const { merchant_id: merchant, currency } = quota;
  const [texts, setTexts] = useState<PerWindow<string>>({ daily: "", monthly: "", yearly: "" });
  // One number for all tries of this dialog: an adjustment that was unanswered counts once.
  const [adjustmentNo] = useState(newNumber);

  const digits = operator.digitsOf(currency);
  const changeOf = (window: keyof PerWindow<string>): bigint | undefined =>
    texts[window].trim() === "" ? 0n : amountFrom(texts[window], digits);
  const used: PerWindow<bigint> = {
    daily: quota.daily_used,
    monthly: quota.monthly_used,
    yearly: quota.yearly_used,
  };
  const changes = windowNames.map((window) => ({ window, change: changeOf(window) }));
  const isRead = changes.every(
    ({ window, change }) => change !== undefined && used[window] + change >= 0n,
  );
  const isSome = changes.some(({ change }) => change !== undefined && change !== 0n);

  return (
    <ActionDialog
      title={`${account.verbs.adjust}: ${merchant} ${currency}`}
      confirm={account.verbs.adjust}
      reasonLabel={account.reason}
      isReady={isRead && isSome}
      onConfirm={async (reason) => {
        const [daily, monthly, yearly] = changes.map(({ change }) => Number(change ?? 0n));
        const { version } = await operator.api.command("adjust", {
          merchant_id: merchant,
          currency,
          daily_adjust: daily,
          monthly_adjust: monthly,
          yearly_adjust: yearly,
          reason,
          adjustment_no: adjustmentNo,
        });
        onDone(version);
      }}
      onClose={onClose}
    >
      <p class="lead">{account.adjustHint}</p>
      <div class="row">
        {changes.map(({ window, change }) => (
          <label key={window}>
            {windows[window]}
            <input
              inputMode="decimal"
              placeholder="0"
              size={10}
              value={texts[window]}
              aria-invalid={change === undefined || used[window] + change < 0n}
              onInput={({ currentTarget: { value } }) => {
                setTexts({ ...texts, [window]: value });
              }}
            />
          </label>
        ))}
      </div>
      <Preview
        effects={changes.map(({ window, change }) => ({
          name: `${account.used}, ${windows[window]}`,
          before: operator.amount(used[window], currency, language),
          after:
            change === undefined || used[window] + change < 0n
              ? account.impossible
              : operator.amount(used[window] + change, currency, language),
        }))}
      />
    </ActionDialog>
  );
}

/** Random, so that no two adjustments share it; `crypto.randomUUID` is there over TLS only. */
function newNumber(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return `console-${[...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("")}`;
}
