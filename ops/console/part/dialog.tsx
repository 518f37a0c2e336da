import type { ComponentChildren } from "preact";
import { useEffect, useId, useRef, useState } from "preact/hooks";

import { ApiFault } from "../api.ts";
import { useLanguage } from "../language.ts";
import { FaultText } from "./card.tsx";

/** As long as the service takes a reason. */
const reasonCharactersMax = 500;

/** Asks for a reason where the service keeps one, shows what will be, and does it only then. */
export function ActionDialog({
  title,
  confirm,
  reasonLabel,
  isReady,
  children,
  onConfirm,
  onClose,
}: {
  readonly title: string;
  readonly confirm: string;
  /** null = it is done without one. */
  readonly reasonLabel: string | null;
  /** Whether what is to be done is said completely. */
  readonly isReady: boolean;
  /** Fields, and the preview of the effect. */
  readonly children: ComponentChildren;
  readonly onConfirm: (reason: string) => Promise<void>;
  readonly onClose: () => void;
}) {
  const { words } = useLanguage();
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();
  const [reason, setReason] = useState("");
  const [fault, setFault] = useState<ApiFault | null>(null);
  const [isBusy, setIsBusy] = useState(false);
  const isComplete = isReady && (reasonLabel === null || reason.trim() !== "");

  useEffect(() => {
    dialog.current?.showModal();
  }, []);

  const submit = async (): Promise<void> => {
    if (!isComplete || isBusy) return;
    setIsBusy(true);
    setFault(null);
    try {
      await onConfirm(reason.trim());
      onClose();
    } catch (error) {
      setFault(error instanceof ApiFault ? error : new ApiFault("BROKEN", String(error)));
      setIsBusy(false);
    }
  };

  return (
    <dialog ref={dialog} aria-labelledby={id} onClose={onClose}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void submit();
        }}
      >
        <h2 id={id}>{title}</h2>
        {children}
        {reasonLabel !== null && (
          <label>
            {reasonLabel}
            <textarea
              rows={2}
              maxLength={reasonCharactersMax}
              required
              value={reason}
              onInput={({ currentTarget }) => {
                setReason(currentTarget.value);
              }}
            />
          </label>
        )}
        {fault !== null && (
          <p class="fault" role="alert">
            <FaultText fault={fault} />
          </p>
        )}
        <div class="row end">
          <button type="button" onClick={onClose}>
            {words.cancel}
          </button>
          <button type="submit" class="primary" disabled={!isComplete} aria-busy={isBusy}>
            {confirm}
          </button>
        </div>
      </form>
    </dialog>
  );
}

/** One thing that will change. */
export interface Effect {
  readonly name: string;
  readonly before: string;
  readonly after: string;
}

export function Preview({ effects }: { readonly effects: readonly Effect[] }) {
  const { words } = useLanguage();
  return (
    <table class="figures preview">
      <caption>{words.preview}</caption>
      <thead>
        <tr>
          <th scope="col">
            <span class="unseen">{words.preview}</span>
          </th>
          <th scope="col">{words.before}</th>
          <th scope="col">{words.after}</th>
        </tr>
      </thead>
      <tbody>
        {effects.map(({ name, before, after }) => (
          <tr key={name} class={before === after ? "muted" : ""}>
            <th scope="row">{name}</th>
            <td>{before}</td>
            <td>{after}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
