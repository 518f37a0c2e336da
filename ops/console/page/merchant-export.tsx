import { useState } from "preact/hooks";

import { amountText, countText } from "../amount.ts";
import type { Query } from "../api.ts";
import { csvOf } from "../csv.ts";
import { useLanguage } from "../language.ts";
import { useOperator } from "../operator.ts";
import type { LogEntry, LogPage } from "../reply.ts";

/** Entries of one file; then it ends, and its last line says so. */
const entriesMax = 10_000;
const pageItems = 200;

const amounts = [
  "amount",
  "daily_used_before",
  "daily_used_after",
  "monthly_used_before",
  "monthly_used_after",
  "yearly_used_before",
  "yearly_used_after",
  "pending_before",
  "pending_after",
  "reserved_before",
  "reserved_after",
] as const;
const texts = [
  "created_at",
  "action_type",
  "success",
  "failure_reason",
  "order_no",
  "payment_no",
  "refund_no",
] as const;
const tail = ["operator_id", "remarks", "trace_id", "version", "id"] as const;

/** Saves what the filter lets through as a file for a spreadsheet; amounts in major units. */
export function LogExport({
  name,
  currency,
  read,
}: {
  readonly name: string;
  readonly currency: string;
  readonly read: (more: Query) => Promise<LogPage>;
}) {
  const { language, words } = useLanguage();
  const operator = useOperator();
  const [state, setState] = useState("");

  const run = async (): Promise<void> => {
    const entries: LogEntry[] = [];
    let cursor: string | undefined;
    do {
      const page = await read({ limit: pageItems, cursor });
      entries.push(...page.items);
      cursor = page.next_cursor ?? undefined;
      setState(words.account.read(countText(entries.length, language)));
    } while (cursor !== undefined && entries.length < entriesMax);
    const digits = operator.digitsOf(currency);
    const rows = entries.map((entry) => [
      ...texts.map((field) => entry[field]),
      ...amounts.map((field) => amountText(entry[field], digits, "en").replaceAll(",", "")),
      ...tail.map((field) => entry[field]),
    ]);
    const cut = cursor === undefined ? [] : [[words.account.cut(String(entriesMax))]];
    save(`${name}.csv`, csvOf([[...texts, ...amounts, ...tail], ...rows, ...cut]));
    setState(words.account.saved(countText(entries.length, language)));
  };

  return (
    <div class="row">
      <span class="hint" role="status">
        {state}
      </span>
      <button
        type="button"
        onClick={() => {
          run().catch((error: unknown) => {
            setState(String(error));
          });
        }}
      >
        {words.account.export}
      </button>
    </div>
  );
}

function save(name: string, text: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "text/csv;charset=utf-8" }));
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
}
