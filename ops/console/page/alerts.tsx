import { useState } from "preact/hooks";

import { useLanguage } from "../language.ts";
import { useOperator } from "../operator.ts";
import { Card, Empty, Loaded } from "../part/card.tsx";
import { ActionDialog, Preview } from "../part/dialog.tsx";
import { useRemote } from "../remote.ts";
import type { Alert, AlertPage } from "../reply.ts";
import { AlertRow } from "./alerts-row.tsx";

const alertsShown = 50;
const alertsEveryMs = 10_000;

/** What needs somebody: unresolved alerts, or all of one merchant, the unresolved ones first. */
export function AlertsPage() {
  const { words } = useLanguage();
  const { api } = useOperator();
  const [level, setLevel] = useState("");
  const [merchant, setMerchant] = useState("");
  const [resolving, setResolving] = useState<Alert | null>(null);
  const [changes, setChanges] = useState(0);
  const alerts = useRemote<AlertPage>(
    () =>
      merchant === ""
        ? api.unresolvedAlerts({ level, limit: alertsShown })
        : api.alertsOf(merchant, { level, limit: alertsShown }),
    `${level} ${merchant} ${changes}`,
    alertsEveryMs,
  );
  return (
    <>
      <div class="title">
        <h1>{words.pages.alerts}</h1>
      </div>
      <Card
        title={merchant === "" ? words.overview.openAlerts : merchant}
        lead={merchant === "" ? words.overview.alertsLead : words.alerts.unresolvedFirst}
      >
        <form
          class="row filter"
          onSubmit={(event) => {
            event.preventDefault();
          }}
        >
          <label>
            {words.alerts.level}
            <select
              value={level}
              onChange={({ currentTarget }) => {
                setLevel(currentTarget.value);
              }}
            >
              <option value="">{words.account.all}</option>
              {["warning", "critical"].map((each) => (
                <option key={each} value={each}>
                  {words.levels[each]}
                </option>
              ))}
            </select>
          </label>
          <label>
            {words.alerts.ofMerchant}
            {/* Not given its value: the list is asked for again meanwhile, and that would take away what is half typed. */}
            <input
              spellcheck={false}
              onChange={({ currentTarget }) => {
                setMerchant(currentTarget.value.trim());
              }}
            />
          </label>
        </form>
        <Loaded remote={alerts}>
          {({ items }) =>
            items.length === 0 ? (
              <Empty>{words.overview.noAlerts}</Empty>
            ) : (
              <ul class="list alerts">
                {unresolvedFirst(items).map((alert) => (
                  <AlertRow
                    key={alert.id}
                    alert={alert}
                    onResolve={() => {
                      setResolving(alert);
                    }}
                  />
                ))}
              </ul>
            )
          }
        </Loaded>
      </Card>
      {resolving !== null && (
        <ResolveDialog
          alert={resolving}
          onDone={() => {
            setChanges((last) => last + 1);
          }}
          onClose={() => {
            setResolving(null);
          }}
        />
      )}
    </>
  );
}

function unresolvedFirst(alerts: readonly Alert[]): readonly Alert[] {
  return alerts.toSorted((a, b) => Number(a.is_resolved) - Number(b.is_resolved));
}

function ResolveDialog({
  alert,
  onDone,
  onClose,
}: {
  readonly alert: Alert;
  readonly onDone: () => void;
  readonly onClose: () => void;
}) {
  const { words } = useLanguage();
  const { api } = useOperator();
  return (
    <ActionDialog
      title={`${words.alerts.resolve}: ${alert.merchant_id} ${alert.currency}`}
      confirm={words.alerts.resolve}
      reasonLabel={words.alerts.notes}
      isReady
      onConfirm={async (notes) => {
        await api.resolve(alert.id, notes);
        onDone();
      }}
      onClose={onClose}
    >
      <p class="lead">{words.alerts.resolveHint}</p>
      <Preview
        effects={[
          {
            name: words.alertTypes(alert.alert_type),
            before: words.alerts.open,
            after: words.alerts.resolved,
          },
        ]}
      />
    </ActionDialog>
  );
}
