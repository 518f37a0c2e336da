import { useEffect, useRef } from "preact/hooks";
import uPlot from "uplot";

import { ownZone } from "../moment.ts";

/** One line of a chart. */
export interface Line {
  readonly label: string;
  /** A CSS class of `.ink-…`, whose colour it has. */
  readonly ink: "accent" | "critical" | "muted";
  readonly isDashed?: boolean;
  readonly isFilled?: boolean;
  /** It stays as it was until the next value: what is used changes at once. */
  readonly isStepped?: boolean;
  /** null = there is nothing to draw there. */
  readonly values: readonly (number | null)[];
}

const heightPx = 220;
const stepped = uPlot.paths.stepped?.({ align: 1 });
const fillOpacity = "1a"; // a tenth, as the last two digits of a colour

/** Values over time. What it shows is also said in words, by who shows it. */
export function Chart({
  label,
  timesSeconds,
  from,
  to,
  lines,
  zone = ownZone,
  valueText,
}: {
  readonly label: string;
  readonly timesSeconds: readonly number[];
  readonly from: number;
  readonly to: number;
  readonly lines: readonly Line[];
  /** Of the times below it; by default that of who looks. */
  readonly zone?: string;
  readonly valueText: (value: number) => string;
}) {
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const inks = useRef<HTMLSpanElement>(null);
  const text = useRef(valueText);
  const range = useRef<[number, number]>([from, to]);
  text.current = valueText;
  range.current = [from, to];
  const names = lines.map(({ label: name, ink }) => `${name} ${ink}`).join("|");

  useEffect(() => {
    const { current: at } = place;
    if (at === null) return;
    const make = (): void => {
      plot.current?.destroy();
      plot.current = new uPlot(
        optionsOf(at.clientWidth, inkOf(inks.current), lines, range, zone, text),
        dataOf(timesSeconds, lines),
        at,
      );
    };
    make();
    const sized = new ResizeObserver(() => {
      plot.current?.setSize({ width: at.clientWidth, height: heightPx });
    });
    sized.observe(at);
    const themed = new MutationObserver(make);
    themed.observe(document.documentElement, { attributeFilter: ["data-theme"] });
    const dark = matchMedia("(prefers-color-scheme: dark)");
    dark.addEventListener("change", make);
    return () => {
      sized.disconnect();
      themed.disconnect();
      dark.removeEventListener("change", make);
      plot.current?.destroy();
      plot.current = null;
    };
  }, [names, zone]);

  useEffect(() => {
    plot.current?.setData(dataOf(timesSeconds, lines));
  }, [timesSeconds, lines]);

  return (
    <div class="chart">
      <span ref={inks} hidden>
        <i class="ink-accent" />
        <i class="ink-critical" />
        <i class="ink-muted" />
        <i class="ink-line" />
      </span>
      <ul class="legend" aria-hidden="true">
        {lines.map((line) => (
          <li key={line.label} class={`ink-${line.ink}${line.isDashed ? " dashed" : ""}`}>
            <span>{line.label}</span>
          </li>
        ))}
      </ul>
      <div ref={place} class="plot" role="img" aria-label={label} />
    </div>
  );
}

type Inks = Readonly<Record<string, string>>;

/** A canvas takes no variables: what the style sheet makes of them in this theme. */
function inkOf(from: HTMLElement | null): Inks {
  const found = [...(from?.children ?? [])].map((each) => [
    each.className.replace("ink-", ""),
    hexOf(getComputedStyle(each).color),
  ]);
  return Object.fromEntries(found) as Inks;
}

function hexOf(colour: string): string {
  const parts = colour.match(/[\d.]+/g)?.slice(0, 3) ?? [];
  return `#${parts.map((part) => Math.round(Number(part)).toString(16).padStart(2, "0")).join("")}`;
}

function dataOf(times: readonly number[], lines: readonly Line[]): uPlot.AlignedData {
  return [[...times], ...lines.map(({ values }) => [...values])];
}

function optionsOf(
  width: number,
  inks: Inks,
  lines: readonly Line[],
  range: { readonly current: [number, number] },
  zone: string,
  text: { readonly current: (value: number) => string },
): uPlot.Options {
  const axis = {
    stroke: inks["muted"] ?? "",
    grid: { stroke: inks["line"] ?? "", width: 1 },
    ticks: { show: false },
    font: "12px system-ui, sans-serif",
  };
  return {
    width,
    height: heightPx,
    legend: { show: false },
    cursor: { show: false },
    padding: [8, 32, 0, 0], // as wide as half a time
    tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1_000), zone),
    scales: {
      x: { time: true, range: () => range.current },
      y: { range: (_plot, _min, max) => [0, Math.max(max * 1.15, 1)] },
    },
    axes: [
      { ...axis, grid: { show: false }, size: 32, space: 80, values: timesIn(zone) },
      {
        ...axis,
        size: (_plot, values) => widthOf(values),
        space: 48,
        values: (_plot, values) => values.map((value) => text.current(value)),
      },
    ],
    series: [
      {},
      ...lines.map(({ label, ink, isDashed, isFilled, isStepped }) => ({
        label,
        stroke: inks[ink] ?? "",
        width: 1.75,
        points: { show: false },
        ...(isStepped && stepped ? { paths: stepped } : {}),
        ...(isDashed ? { dash: [5, 5] } : {}),
        ...(isFilled ? { fill: `${inks[ink] ?? ""}${fillOpacity}` } : {}),
      })),
    ],
  };
}

/** Of the texts of an axis, which has none before its first values. */
function widthOf(texts: readonly string[] | null): number {
  return 16 + 7 * Math.max(0, ...(texts ?? []).map(({ length }) => length));
}

function timesIn(zone: string): (plot: uPlot, seconds: number[]) => string[] {
  return (_plot, seconds) => {
    const [first = 0, second = first + 60] = seconds;
    const isFine = second - first < 60;
    const isDays = second - first >= 86_400;
    return seconds.map((at) => {
      const moment = new Date(at * 1_000);
      if (isDays) return moment.toLocaleDateString("sv", { timeZone: zone }).slice(5);
      return moment.toLocaleTimeString("sv", { timeZone: zone }).slice(0, isFine ? 8 : 5);
    });
  };
}
