import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";

import { useLanguage } from "../language.ts";
import type { ApiFault } from "../api.ts";
import type { Remote } from "../remote.ts";

/** A part of a page under a heading of its own. */
export function Card({
  title,
  lead,
  aside,
  children,
}: {
  readonly title: string;
  readonly lead?: string;
  readonly aside?: ComponentChildren;
  readonly children: ComponentChildren;
}) {
  const id = useId();
  return (
    <section class="card" aria-labelledby={id}>
      <header>
        <div>
          <h2 id={id}>{title}</h2>
          {lead !== undefined && <p class="lead">{lead}</p>}
        </div>
        {aside}
      </header>
      {children}
    </section>
  );
}

/** What was asked, once it is there; before and without it, how things stand. */
export function Loaded<T>({
  remote,
  children,
}: {
  readonly remote: Remote<T>;
  readonly children: (value: T) => ComponentChildren;
}) {
  const { words } = useLanguage();
  const { value, fault, reload } = remote;
  if (value === undefined && fault === null) {
    return (
      <p class="loading" role="status">
        {words.loading}
      </p>
    );
  }
  return (
    <>
      {fault !== null && (
        <p class="fault" role="alert">
          {value !== undefined && `${words.stale} `}
          <FaultText fault={fault} />{" "}
          <button type="button" class="link" onClick={reload}>
            {words.retry}
          </button>
        </p>
      )}
      {value !== undefined && children(value)}
    </>
  );
}

export function FaultText({ fault }: { readonly fault: ApiFault }) {
  const { words } = useLanguage();
  return <>{words.faults[fault.code] ?? fault.message}</>;
}

export function Empty({ children }: { readonly children: ComponentChildren }) {
  return <p class="empty">{children}</p>;
}
