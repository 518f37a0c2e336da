import { useRef, useState } from "preact/hooks";

import { useLanguage } from "../language.ts";
import { useOperator } from "../operator.ts";
import { Empty, Loaded } from "../part/card.tsx";
import { useRemote } from "../remote.ts";
import type { Quota } from "../reply.ts";
import { hashOf } from "../route.ts";
import { Actions } from "./merchant-actions.tsx";
import { UsageCurve } from "./merchant-curve.tsx";
import { Limits } from "./merchant-limits.tsx";
import { UsageLog } from "./merchant-log.tsx";
import { Standing } from "./merchant-standing.tsx";

const standingEveryMs = 5_000;

/** Everything of one merchant. */
export function MerchantPage({ merchant }: { readonly merchant: string | null }) {
  const { words } = useLanguage();
  const { session } = useOperator();
  return (
    <>
      <div class="title">
        <h1>{merchant ?? words.pages.merchant}</h1>
        {session.only_merchant === null && <MerchantChoice />}
      </div>
      {merchant === null ? (
        <Empty>{words.account.choose}</Empty>
      ) : (
        <Merchant key={merchant} merchant={merchant} />
      )}
    </>
  );
}

function MerchantChoice() {
  const { words } = useLanguage();
  const field = useRef<HTMLInputElement>(null);
  return (
    <form
      class="row"
      role="search"
      onSubmit={(event) => {
        event.preventDefault();
        const wanted = field.current?.value.trim() ?? "";
        if (wanted !== "") location.hash = hashOf({ page: "merchant", merchant: wanted });
      }}
    >
      <label for="merchant" class="unseen">
        {words.account.open}
      </label>
      <input id="merchant" ref={field} placeholder={words.account.open} spellcheck={false} />
      <button type="submit">{words.account.show}</button>
    </form>
  );
}

function Merchant({ merchant }: { readonly merchant: string }) {
  const { words } = useLanguage();
  const { api, isAdmin } = useOperator();
  const [chosen, setChosen] = useState<string | null>(null);
  // Versions that this page's own changes have reached: what is shown afterwards is never older.
  const [seen, setSeen] = useState("");
  const [changes, setChanges] = useState(0);
  const quotas = useRemote(
    () => api.merchantQuotas(merchant, seen),
    `quotas ${changes}`,
    standingEveryMs,
  );
  return (
    <Loaded remote={quotas}>
      {({ items }) => {
        const quota = items.find(({ currency }) => currency === chosen) ?? items[0];
        if (quota === undefined) return <Empty>{words.account.unused}</Empty>;
        return (
          <>
            {items.length > 1 && (
              <Currencies items={items} shown={quota.currency} onChoose={setChosen} />
            )}
            <div class="cards">
              <div class="stack">
                <Standing quota={quota}>
                  {isAdmin && (
                    <Actions
                      quota={quota}
                      onDone={(version) => {
                        if (version !== null) setSeen(`${quota.currency}:${version}`);
                        setChanges((last) => last + 1);
                      }}
                    />
                  )}
                </Standing>
                <UsageCurve quota={quota} />
              </div>
              <Limits quota={quota} />
            </div>
            <UsageLog quota={quota} key={quota.currency} />
          </>
        );
      }}
    </Loaded>
  );
}

function Currencies({
  items,
  shown,
  onChoose,
}: {
  readonly items: readonly Quota[];
  readonly shown: string;
  readonly onChoose: (currency: string) => void;
}) {
  const { words } = useLanguage();
  return (
    <div class="switch" role="group" aria-label={words.currency}>
      {items.map(({ currency, is_suspended: isSuspended }) => (
        <button
          key={currency}
          type="button"
          aria-pressed={currency === shown}
          onClick={() => {
            onChoose(currency);
          }}
        >
          {currency}
          {isSuspended && <span class="dot critical" title={words.isSuspended} />}
        </button>
      ))}
    </div>
  );
}
