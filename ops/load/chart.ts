import { escaped } from "../svg.ts";
import { shownMs } from "./progress.ts";
import type { Report } from "./report.ts";

/*
 * The report as a picture: latency by percentile, and the rate over time. Written by hand, without scripts and fonts of
 * its own; its colours follow the reader's light or dark scheme.
 */

interface Panel {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

const width = 860;
const height = 640;
const upper: Panel = { left: 80, top: 70, width: 740, height: 210 };
const lower: Panel = { left: 80, top: 360, width: 740, height: 210 };
const smallestShare = 1e-5; // 99.999 %: further right nothing is told apart

const style = `
  svg { background: #fff; font: 13px system-ui, sans-serif }
  text { fill: #24292f } .title { font-size: 16px; font-weight: 600 }
  .grid { stroke: #d0d7de } .line { fill: none; stroke-width: 2; stroke-linejoin: round }
  .a { stroke: #0969da } .b { stroke: #bc4c00; stroke-dasharray: 6 4 } .c { stroke: #cf222e }
  @media (prefers-color-scheme: dark) {
    svg { background: #0d1117 } text { fill: #e6edf3 } .grid { stroke: #30363d }
    .a { stroke: #58a6ff } .b { stroke: #f0883e } .c { stroke: #ff7b72 }
  }
`;

/** @returns a whole SVG document */
export function chartOf(report: Report): string {
  const { plan, outcomes } = report;
  const title = `${plan.profile} over ${plan.driver}: ${report.callsPerSecond.toFixed(0)} calls/s, p99 ${shownMs(report.latency.p99)}`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-label="${escaped(title)}">`,
    `<style>${style}</style>`,
    `<text class="title" x="20" y="30">${escaped(title)}</text>`,
    ...latencyPanel(report),
    ...ratePanel(report),
    `<text x="20" y="${height - 15}">${escaped(`${report.beganAt}, run ${plan.runId}: ${outcomes.applied} applied, ${outcomes.refused} refused, ${outcomes.unknown} unknown`)}</text>`,
    "</svg>",
    "",
  ].join("\n");
}

/** Both axes are logarithmic: each step to the right is ten times rarer, each step up ten times slower. */
function latencyPanel({ curve }: Report): readonly string[] {
  const points = curve.filter(([, ms]) => !Number.isNaN(ms));
  const slowest = Math.max(1, ...points.map(([, ms]) => ms));
  const decadeTop = Math.ceil(Math.log10(slowest));
  const decadeBottom = Math.min(-1, decadeTop - 1);
  const x = (percentile: number): number => {
    const share = Math.max(1 - percentile / 100, smallestShare);
    return upper.left + (Math.log10(share) / Math.log10(smallestShare)) * upper.width;
  };
  const y = (ms: number): number => {
    const decade = Math.max(Math.log10(Math.max(ms, 1e-3)), decadeBottom);
    const part = (decade - decadeBottom) / (decadeTop - decadeBottom);
    return upper.top + upper.height * (1 - part);
  };
  const decades = Array.from({ length: decadeTop - decadeBottom + 1 }, (_, i) => decadeBottom + i);
  return [
    `<text x="${upper.left}" y="${upper.top - 12}">Latency from the intended time of sending, by percentile</text>`,
    ...decades.map((decade) => rule(upper, y(10 ** decade), shownMs(10 ** decade))),
    ...[0, 90, 99, 99.9, 99.99, 99.999].map((at) => label(x(at), upper, `${at} %`)),
    line(
      "a",
      points.map(([percentile, ms]) => [x(percentile), y(ms)]),
    ),
  ];
}

/** Operations answered in each second, the planned rate, and what was refused or unknown. */
function ratePanel({ seconds, plan }: Report): readonly string[] {
  const answered = seconds.map(
    ({ outcomes }) => outcomes.applied + outcomes.refused + outcomes.unknown,
  );
  const lost = seconds.map(({ outcomes }) => outcomes.refused + outcomes.unknown);
  const operations = plan.profile === "batch" ? plan.batchSize : 1;
  const planned = plan.ratePerSecond === null ? null : plan.ratePerSecond * operations;
  const top = Math.max(1, planned ?? 0, ...answered) * 1.1;
  const last = Math.max(1, seconds.length - 1);
  const x = (index: number): number => lower.left + (index / last) * lower.width;
  const y = (rate: number): number => lower.top + lower.height * (1 - rate / top);
  const lineOf = (name: string, rates: readonly number[]): string =>
    line(
      name,
      rates.map((rate, index) => [x(index), y(rate)]),
    );
  const ends = [0, Math.floor(last / 2), last];
  return [
    `<text x="${lower.left}" y="${lower.top - 12}">Operations a second: answered (solid), planned (dashed), refused or unknown (red)</text>`,
    ...[0, 0.5, 1].map((share) => rule(lower, y(top * share), (top * share).toFixed(0))),
    ...[...new Set(ends)].map((index) => label(x(index), lower, `${index + 1} s`)),
    planned === null ? "" : lineOf("b", [planned, ...seconds.slice(1).map(() => planned)]),
    lineOf("c", lost),
    lineOf("a", answered),
  ];
}

function rule({ left, width: long }: Panel, y: number, text: string): string {
  return `<line class="grid" x1="${left}" x2="${left + long}" y1="${px(y)}" y2="${px(y)}"/><text x="${left - 8}" y="${px(y + 4)}" text-anchor="end">${text}</text>`;
}

function label(x: number, { top, height: high }: Panel, text: string): string {
  return `<text x="${px(x)}" y="${top + high + 20}" text-anchor="middle">${text}</text>`;
}

function line(name: string, points: readonly (readonly [number, number])[]): string {
  const path = points.map(([x, y]) => `${px(x)},${px(y)}`).join(" ");
  return `<polyline class="line ${name}" points="${path}"/>`;
}

function px(value: number): string {
  return value.toFixed(1);
}
