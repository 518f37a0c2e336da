import { useState } from "preact/hooks";

import type { Query } from "../api.ts";
import { useLanguage } from "../language.ts";
import { useOperator } from "../operator.ts";
import { Card, Empty, Loaded } from "../part/card.tsx";
import { useRemote } from "../remote.ts";
import type { LogEntry, LogPage, Quota } from "../reply.ts";
import { LogExport } from "./merchant-export.tsx";
import { LogFilter, noFilter } from "./merchant-filter.tsx";
import { LogTable } from "./merchant-log-table.tsx";

const itemsShown = 25;
const logEveryMs = 10_000;

/** What happened to a key, newest first, with the states before and after. */
export function UsageLog({ quota }: { readonly quota: Quota }) {
  const { words } = useLanguage();
  const { api } = useOperator();
  const { merchant_id: merchant, currency } = quota;
  const [filter, setFilter] = useState(noFilter);
  const [older, setOlder] = useState<readonly LogPage[]>([]);
  const query = { ...filter, orderNo: undefined, currency };

  const read = (more: Query): Promise<LogPage> =>
    filter.orderNo === ""
      ? api.logs(merchant, { ...query, ...more })
      : api.logsOfOrder(filter.orderNo, more);
  const newest = useRemote(
    () => read({ limit: itemsShown }),
    `${JSON.stringify(filter)} ${quota.version}`,
    older.length === 0 ? logEveryMs : null,
  );

  return (
    <Card
      title={words.account.log}
      aside={<LogExport name={`${merchant}-${currency}`} read={read} currency={currency} />}
    >
      <LogFilter
        filter={filter}
        onFilter={(next) => {
          setOlder([]);
          setFilter(next);
        }}
      />
      <Loaded remote={newest}>
        {(first) => {
          const pages = [first, ...older];
          const next = pages.at(-1)?.next_cursor ?? null;
          // An order may be of another key too, and of several.
          const items = pages.flatMap((page) => page.items).filter(isOf(merchant, currency));
          return (
            <>
              {items.length === 0 ? (
                <Empty>{words.account.noLog}</Empty>
              ) : (
                <LogTable items={items} zone={quota.timezone} />
              )}
              {next !== null && (
                <button
                  type="button"
                  onClick={() => {
                    void read({ limit: itemsShown, cursor: next }).then((page) => {
                      setOlder([...older, page]);
                    }, newest.reload);
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
  );
}

function isOf(merchant: string, currency: string): (entry: LogEntry) => boolean {
  return (entry) => entry.merchant_id === merchant && entry.currency === currency;
}
