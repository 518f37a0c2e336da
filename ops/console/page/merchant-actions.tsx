import { useState } from "preact/hooks";

import { useLanguage } from "../language.ts";
import { useOperator } from "../operator.ts";
import { ActionDialog, Preview } from "../part/dialog.tsx";
import type { Quota } from "../reply.ts";
import { AdjustDialog } from "./merchant-adjust.tsx";
import { ResetDialog } from "./merchant-reset.tsx";

type Action = "adjust" | "reset" | "suspend" | "resume";

/** What an administrator may do to a key. */
export function Actions({
  quota,
  onDone,
}: {
  readonly quota: Quota;
  /** @param version that the key has reached by it; null = the service did not say */
  readonly onDone: (version: number | null) => void;
}) {
  const { words } = useLanguage();
  const [open, setOpen] = useState<Action | null>(null);
  const offered: readonly Action[] = ["adjust", "reset", quota.is_suspended ? "resume" : "suspend"];
  const close = (): void => {
    setOpen(null);
  };
  return (
    <div class="row actions">
      {offered.map((action) => (
        <button
          key={action}
          type="button"
          onClick={() => {
            setOpen(action);
          }}
        >
          {words.account.verbs[action]}
        </button>
      ))}
      {open === "adjust" && <AdjustDialog quota={quota} onDone={onDone} onClose={close} />}
      {open === "reset" && <ResetDialog quota={quota} onDone={onDone} onClose={close} />}
      {(open === "suspend" || open === "resume") && (
        <SuspensionDialog action={open} quota={quota} onDone={onDone} onClose={close} />
      )}
    </div>
  );
}

function SuspensionDialog({
  action,
  quota,
  onDone,
  onClose,
}: {
  readonly action: "suspend" | "resume";
  readonly quota: Quota;
  readonly onDone: (version: number | null) => void;
  readonly onClose: () => void;
}) {
  const { words } = useLanguage();
  const { api } = useOperator();
  const { account } = words;
  const state = (isSuspended: boolean): string =>
    isSuspended ? account.refusesOrders : account.takesOrders;
  const key = { merchant_id: quota.merchant_id, currency: quota.currency };
  return (
    <ActionDialog
      title={`${account.verbs[action]}: ${quota.merchant_id} ${quota.currency}`}
      confirm={account.verbs[action]}
      reasonLabel={account.reason}
      isReady
      onConfirm={async (reason) => {
        const { version } = await api.command(action, { ...key, reason });
        onDone(version);
      }}
      onClose={onClose}
    >
      <p class="lead">{account.suspensionHint}</p>
      <Preview
        effects={[
          {
            name: account.newOrders,
            before: state(quota.is_suspended),
            after: state(action === "suspend"),
          },
        ]}
      />
    </ActionDialog>
  );
}
