import { useState } from "preact/hooks";

import { useLanguage } from "../language.ts";
import { momentText, ownZone } from "../moment.ts";
import { useOperator } from "../operator.ts";
import { Empty, Loaded } from "../part/card.tsx";
import { ActionDialog, Preview } from "../part/dialog.tsx";
import { useRemote } from "../remote.ts";
import type { Alert, Deliveries } from "../reply.ts";
import { hashOf } from "../route.ts";

const deliveriesEveryMs = 5_000;

/** One alert, and whom it has reached. */
export function AlertRow({
  alert,
  onResolve,
}: {
  readonly alert: Alert;
  readonly onResolve: () => void;
}) {
  const { language, words } = useLanguage();
  const operator = useOperator();
  const [isOpen, setIsOpen] = useState(false);
  const amount = (minor: bigint): string => operator.amount(minor, alert.currency, language);
  const tone = alert.is_resolved ? "good" : alert.alert_level;
  return (
    <li>
      <span class={`dot ${tone}`} aria-hidden="true" />
      <div class="what">
        <a class="name" href={hashOf({ page: "merchant", merchant: alert.merchant_id })}>
          {alert.merchant_id}
        </a>{" "}
        <span class="tag">{alert.currency}</span>{" "}
        <span class={`tag ${alert.alert_level}`}>
          {words.levels[alert.alert_level] ?? alert.alert_level}
        </span>
        <span class="under">
          {words.alertTypes(alert.alert_type)}
          {alert.limit > 0n && ` · ${amount(alert.current_used)} / ${amount(alert.limit)}`}
          {` · ${alert.period} · ${momentText(alert.created_at, ownZone, language)}`}
        </span>
        {alert.is_resolved && (
          <span class="under">
            {words.alerts.resolved}: {alert.resolved_by} {alert.resolve_notes}
          </span>
        )}
        {isOpen && <DeliveryList alert={alert} />}
      </div>
      <div class="row">
        <button
          type="button"
          aria-expanded={isOpen}
          onClick={() => {
            setIsOpen(!isOpen);
          }}
        >
          {words.alerts.deliveries}
        </button>
        {!alert.is_resolved && (
          <button type="button" onClick={onResolve}>
            {words.alerts.resolve}
          </button>
        )}
      </div>
    </li>
  );
}

function DeliveryList({ alert }: { readonly alert: Alert }) {
  const { words } = useLanguage();
  const { api } = useOperator();
  const [isAsked, setIsAsked] = useState(false);
  const deliveries = useRemote(() => api.deliveries(alert.id), alert.id, deliveriesEveryMs);
  return (
    <div class="deliveries">
      <Loaded remote={deliveries}>
        {({ items }) => (
          <>
            {items.length === 0 ? (
              <Empty>{words.alerts.noTargets}</Empty>
            ) : (
              <ul>
                {items.map((delivery) => (
                  <Delivery key={delivery.target} delivery={delivery} />
                ))}
              </ul>
            )}
            <button
              type="button"
              onClick={() => {
                setIsAsked(true);
              }}
            >
              {words.alerts.resend}
            </button>
            {isAsked && (
              <ActionDialog
                title={`${words.alerts.resend}: ${alert.merchant_id} ${alert.currency}`}
                confirm={words.alerts.resend}
                reasonLabel={null}
                isReady
                onConfirm={async () => {
                  await api.resend(alert.id);
                  deliveries.reload();
                }}
                onClose={() => {
                  setIsAsked(false);
                }}
              >
                <p class="lead">{words.alerts.resendHint}</p>
                <Preview
                  effects={items.map(({ target, state }) => ({
                    name: target,
                    before: words.alerts.states[state] ?? state,
                    after: words.alerts.states["pending"] ?? "",
                  }))}
                />
              </ActionDialog>
            )}
          </>
        )}
      </Loaded>
    </div>
  );
}

function Delivery({ delivery }: { readonly delivery: Deliveries["items"][number] }) {
  const { language, words } = useLanguage();
  const { target, state, attempts, next_try_at: next, delivered_at: at } = delivery;
  const when = at ?? next;
  return (
    <li>
      <span class="name">{target}</span> {words.alerts.states[state] ?? state}
      {when !== null && ` · ${momentText(when, ownZone, language)}`}
      <span class="under">
        {words.alerts.attempts(String(attempts))}
        {delivery.last_error !== null && ` · ${delivery.last_error}`}
      </span>
    </li>
  );
}
