import { useMemo, useState } from "preact/hooks";

import { useLanguage } from "../language.ts";
import { momentText } from "../moment.ts";
import { useOperator } from "../operator.ts";
import { Card, Loaded } from "../part/card.tsx";
import { Chart, type Line } from "../part/chart.tsx";
import { useRemote } from "../remote.ts";
import type { Curve, Quota } from "../reply.ts";

const windowNames = ["daily", "monthly", "yearly"] as const;
const curveEveryMs = 15_000;

/** How the running period was used, and where it ends at its rate so far. */
export function UsageCurve({ quota }: { readonly quota: Quota }) {
  const { language, words } = useLanguage();
  const { api } = useOperator();
  const { merchant_id: merchant, currency, forecast } = quota;
  const [window, setWindow] = useState<(typeof windowNames)[number]>("daily");
  const curve = useRemote(
    () => api.curve(merchant, currency, window),
    `${currency} ${window} ${quota.version}`,
    curveEveryMs,
  );
  const exhausts =
    forecast.exhausts_at === null
      ? words.account.neverExhausts
      : words.account.exhausts(momentText(forecast.exhausts_at, quota.timezone, language));
  return (
    <Card
      title={words.account.curve}
      lead={exhausts}
      aside={
        <div class="switch" role="group" aria-label={words.account.window}>
          {windowNames.map((each) => (
            <button
              key={each}
              type="button"
              aria-pressed={each === window}
              onClick={() => {
                setWindow(each);
              }}
            >
              {words.windows[each]}
            </button>
          ))}
        </div>
      }
    >
      <Loaded remote={curve}>
        {(value) => <Plot curve={value} quota={quota} label={exhausts} />}
      </Loaded>
    </Card>
  );
}

function Plot({
  curve,
  quota: { currency, timezone },
  label,
}: {
  readonly curve: Curve;
  readonly quota: Quota;
  readonly label: string;
}) {
  const { language, words } = useLanguage();
  const operator = useOperator();
  const { account } = words;
  const { times, lines } = useMemo(() => drawn(curve, account), [curve, account]);
  return (
    <Chart
      label={`${account.curve}. ${label}`}
      timesSeconds={times}
      from={secondsOf(curve.from)}
      to={secondsOf(curve.to)}
      lines={lines}
      zone={timezone}
      valueText={(value) => operator.amount(BigInt(Math.round(value)), currency, language)}
    />
  );
}

/** What a chart draws has the precision of its pixels: totals become numbers here, and nowhere else. */
function drawn(
  curve: Curve,
  names: { readonly used: string; readonly limit: string; readonly forecast: string },
): { readonly times: readonly number[]; readonly lines: readonly Line[] } {
  const { points, limit } = curve;
  const [from, to, now] = [curve.from, curve.to, curve.at].map(secondsOf) as [
    number,
    number,
    number,
  ];
  const used = points.map((point) => Number(point.used));
  const last = used.at(-1) ?? 0;
  const end = (last * (to - from)) / Math.max(now - from, 1);
  const times = [...points.map(({ at }) => secondsOf(at)), to];
  const before = used.slice(0, -1).map(() => null);
  const lines: Line[] = [
    { label: names.used, ink: "accent", isFilled: true, isStepped: true, values: [...used, null] },
    { label: names.forecast, ink: "accent", isDashed: true, values: [...before, last, end] },
  ];
  if (limit !== null) {
    lines.push({ label: names.limit, ink: "critical", values: times.map(() => Number(limit)) });
  }
  return { times, lines };
}

function secondsOf(at: string): number {
  return Date.parse(at) / 1_000;
}
