import { escaped } from "../svg.ts";
import { figureOf } from "./figure.ts";
import { isMet, type Result, type Row } from "./result.ts";

/*
 * The report as two pictures of bars: how many operations a second each case reaches, and how near each target is. A
 * thin line over a bar goes from the least to the most of the rounds. Written by hand, without scripts; the colours
 * follow the reader's light or dark scheme.
 */
const width = 1_140;
const labelWidth = 660;
const barWidth = 340;
const rowHeight = 24;
const headHeight = 50;

const style = `
  svg { background: #fff; font: 13px system-ui, sans-serif }
  text { fill: #24292f } .title { font-size: 16px; font-weight: 600 }
  .met { fill: #54aeff } .missed { fill: #fb8f44 } .peer { fill: #8c959f }
  .spread { stroke: #24292f } .aim { stroke: #cf222e; stroke-dasharray: 4 3 }
  @media (prefers-color-scheme: dark) {
    svg { background: #0d1117 } text { fill: #e6edf3 } .spread { stroke: #e6edf3 }
  }
`;

/** Drawn in another colour: they are not the service. */
const peers = new Set(["postgres-hot", "postgres-spread", "redis", "redis-pipelined", "fastify"]);

interface Bar {
  readonly label: string;
  readonly kind: "met" | "missed" | "peer";
  readonly value: number;
  readonly least: number;
  readonly most: number;
  readonly shown: string;
}

/** Operations a second of each case. @returns a whole SVG document */
export function speedPlot(results: readonly Result[], title: string): string {
  const bars = results.map(({ name, what, samples }): Bar => {
    const { median, least, most } = figureOf(samples.map(({ perSecond }) => perSecond));
    const shown = median.toLocaleString("en-US", { maximumFractionDigits: 0 });
    return {
      label: what,
      kind: peers.has(name) ? "peer" : "met",
      value: median,
      least,
      most,
      shown,
    };
  });
  return document(bars, title, null);
}

/** Each row that has a target, as a share of it: what has to be small is turned round. @returns a whole SVG document */
export function targetPlot(rows: readonly Row[], title: string): string {
  const bars = rows.flatMap((row): readonly Bar[] => {
    const { target, figure, what, digits, unit } = row;
    if (target === null) return [];
    const share = (value: number): number =>
      target.is === "at least" ? value / target.bound : target.bound / value;
    const shares = [share(figure.least), share(figure.most)];
    const bound = `${target.is === "at least" ? "≥" : "≤"} ${target.bound}`;
    return [
      {
        ...{ label: what, kind: isMet(row) ? "met" : "missed", value: share(figure.median) },
        ...{ least: Math.min(...shares), most: Math.max(...shares) },
        shown: `${figure.median.toFixed(digits)} ${unit} (${bound})`,
      },
    ];
  });
  return document(bars, title, 1);
}

/** @param aim where a line is drawn across all bars */
function document(bars: readonly Bar[], title: string, aim: number | null): string {
  const height = headHeight + bars.length * rowHeight + 20;
  const largest = Math.max(aim ?? 0, ...bars.map(({ most }) => most));
  // What is far over its target does not make all else small.
  const scale = barWidth / (aim === null ? largest : Math.min(largest, aim * 2.5));
  const x = (value: number): number => labelWidth + Math.min(value * scale, barWidth);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-label="${escaped(title)}">`,
    `<style>${style}</style>`,
    `<text class="title" x="20" y="30">${escaped(title)}</text>`,
    ...bars.flatMap((bar, index) => barOf(bar, headHeight + index * rowHeight, x)),
    ...(aim === null ? [] : [line("aim", [x(aim), x(aim)], [headHeight - 8, height - 12])]),
    "</svg>",
    "",
  ].join("\n");
}

function barOf(
  { label, kind, value, least, most, shown }: Bar,
  top: number,
  x: (value: number) => number,
): readonly string[] {
  const middle = top + rowHeight / 2;
  const end = Math.max(x(value), x(most));
  return [
    `<text x="${labelWidth - 8}" y="${middle + 4}" text-anchor="end">${escaped(label)}</text>`,
    `<rect class="${kind}" x="${labelWidth}" y="${top + 4}" width="${(x(value) - labelWidth).toFixed(1)}" height="${rowHeight - 8}"/>`,
    ...(least === most ? [] : [line("spread", [x(least), x(most)], [middle, middle])]),
    `<text x="${(end + 6).toFixed(1)}" y="${middle + 4}">${escaped(shown)}</text>`,
  ];
}

function line(
  name: string,
  [x1, x2]: readonly [number, number],
  [y1, y2]: readonly [number, number],
): string {
  return `<line class="${name}" x1="${x1.toFixed(1)}" x2="${x2.toFixed(1)}" y1="${y1}" y2="${y2}"/>`;
}
