import { useMemo, useState } from "preact/hooks";

import { countText } from "../amount.ts";
import { useLanguage } from "../language.ts";
import { useOperator } from "../operator.ts";
import { Card, Loaded } from "../part/card.tsx";
import { Chart, type Line } from "../part/chart.tsx";
import type { LogStats } from "../reply.ts";
import { useRemote } from "../remote.ts";
import { isRefusal, type Live, ratesOf } from "../use-live.ts";

const liveSeconds = 120;
const hourSeconds = 3_600;
const dayHours = 24;
const dayEveryMs = 60_000;

type Range = "live" | "day";

/** Accepted and refused operations over time: of this moment, or of the last day. */
export function Flow({ live }: { readonly live: Live }) {
  const { words } = useLanguage();
  const [range, setRange] = useState<Range>("live");
  const { overview } = words;
  return (
    <Card
      title={overview.operations}
      lead={range === "live" ? overview.liveLead : overview.dayLead}
      aside={
        <div class="switch" role="group" aria-label={overview.operations}>
          {(["live", "day"] as const).map((each) => (
            <button
              key={each}
              type="button"
              aria-pressed={each === range}
              onClick={() => {
                setRange(each);
              }}
            >
              {overview[each]}
            </button>
          ))}
        </div>
      }
    >
      {range === "live" ? <LiveChart live={live} /> : <DayChart />}
    </Card>
  );
}

function LiveChart({ live: { beats } }: { readonly live: Live }) {
  const { language, words } = useLanguage();
  const { times, lines } = useMemo(() => {
    const rates = beats.map((beat) => ratesOf([beat]));
    return {
      times: beats.map(({ at }) => Date.parse(at) / 1_000),
      lines: linesOf(
        words.overview,
        rates.map(({ accepted }) => accepted),
        rates.map(({ refused }) => refused),
      ),
    };
  }, [beats, words]);
  const to = times.at(-1) ?? Date.now() / 1_000;
  return (
    <Chart
      label={words.overview.chart}
      timesSeconds={times}
      from={to - liveSeconds}
      to={to}
      lines={lines}
      valueText={(value) => countText(value, language)}
    />
  );
}

function DayChart() {
  const { language, words } = useLanguage();
  const { api } = useOperator();
  const stats = useRemote(() => api.logStats({ group_by: "hour" }), "day", dayEveryMs);
  return (
    <Loaded remote={stats}>
      {(value) => {
        const { times, accepted, refused } = hoursOf(value);
        return (
          <Chart
            label={words.overview.chart}
            timesSeconds={times}
            from={times[0] ?? 0}
            to={times.at(-1) ?? 1}
            lines={linesOf(words.overview, accepted, refused)}
            valueText={(count) => countText(count, language)}
          />
        );
      }}
    </Loaded>
  );
}

function linesOf(
  words: { readonly accepted: string; readonly refused: string },
  accepted: readonly number[],
  refused: readonly number[],
): readonly Line[] {
  return [
    { label: words.accepted, ink: "accent", isFilled: true, values: accepted },
    { label: words.refused, ink: "critical", values: refused },
  ];
}

/** Counts of each hour up to the last, those without any included. */
function hoursOf(stats: LogStats) {
  const last = Math.floor(Date.parse(stats.to) / 1_000 / hourSeconds) * hourSeconds;
  const times = Array.from({ length: dayHours }, (_, n) => last - (dayHours - 1 - n) * hourSeconds);
  const sum = (wanted: boolean) => {
    const counts = new Map<number, number>();
    for (const { from, outcome, count } of stats.items) {
      if (isRefusal(outcome) !== wanted) continue;
      const at = Date.parse(from) / 1_000;
      counts.set(at, (counts.get(at) ?? 0) + Number(count));
    }
    return times.map((at) => counts.get(at) ?? 0);
  };
  return { times, accepted: sum(false), refused: sum(true) };
}
