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
  const [older, setOlder] = useState<readonly AlertPage[]>([]);
  const read = (cursor?: string): Promise<AlertPage> => {
    const query = { level, limit: alertsShown, cursor };
    return merchant === "" ? api.unresolvedAlerts(query) : api.alertsOf(merchant, query);
  };
  const alerts = useRemote(
    () => read(),
    `${level} ${merchant} ${changes}`,
    older.length === 0 ? alertsEveryMs : null,
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
                setOlder([]);
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
                setOlder([]);
                setMerchant(currentTarget.value.trim());
              }}
            />
          </label>
        </form>
        <Loaded remote={alerts}>
          {(first) => {
            const pages = [first, ...older];
            const items = pages.flatMap((page) => page.items);
            const next = pages.at(-1)?.next_cursor ?? null;
            return (
              <>
                {items.length === 0 ? (
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
                )}
                {next !== null && (
                  <button
                    type="button"
                    onClick={() => {
                      void read(next).then((page) => {
                        setOlder([...older, page]);
                      }, alerts.reload);
                    }}
                  >
                    {words.account.older}
                  </button>
                )}
              </>
            );
          }}
        </Loaded>
      </Card>
      {resolving !== null && (
        <ResolveDialog
          alert={resolving}
          onDone={() => {
            setOlder([]);
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
