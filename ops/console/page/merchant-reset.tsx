import { useState } from "preact/hooks";

import { useLanguage } from "../language.ts";
import { useOperator } from "../operator.ts";
import { ActionDialog, Preview } from "../part/dialog.tsx";
import type { Quota } from "../reply.ts";

const windowNames = ["daily", "monthly", "yearly"] as const;

/** Begins a running period anew. */
export function ResetDialog({
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
  const [period, setPeriod] = useState<(typeof windowNames)[number]>("daily");
  const amount = (minor: bigint): string => operator.amount(minor, currency, language);
  const used = {
    daily: quota.daily_used,
    monthly: quota.monthly_used,
    yearly: quota.yearly_used,
  };
  return (
    <ActionDialog
      title={`${account.verbs.reset}: ${merchant} ${currency}`}
      confirm={account.verbs.reset}
      reasonLabel={account.reason}
      isReady
      onConfirm={async (reason) => {
        await operator.api.reset({ period, merchant_id: merchant, currency, reason });
        onDone(null);
      }}
      onClose={onClose}
    >
      <p class="lead">{account.resetHint}</p>
      <fieldset class="row">
        <legend>{account.window}</legend>
        {windowNames.map((window) => (
          <label key={window} class="radio">
            <input
              type="radio"
              name="period"
              checked={window === period}
              onChange={() => {
                setPeriod(window);
              }}
            />
            {windows[window]}
          </label>
        ))}
      </fieldset>
      <Preview
        effects={windowNames.map((window) => ({
          name: `${account.used}, ${windows[window]}`,
          before: amount(used[window]),
          after: amount(window === period ? 0n : used[window]),
        }))}
      />
    </ActionDialog>
  );
}
