import { escaped } from "../svg.ts";
import type { Frame } from "./cpu-profile.ts";

/*
 * Calls as a picture: each box is a function, as wide as the time in it, above the one that called it. Written by hand,
 * without scripts; the name and the share are shown when the pointer rests on a box.
 */
const width = 1_600;
const rowHeight = 17;
const headHeight = 40;
/** Narrower boxes are not drawn: nobody could see them. */
const narrowest = 0.6;
const letterWidth = 6.6;
const depthMax = 120;

const style = `
  svg { background: #fff; font: 11px ui-monospace, monospace }
  text { fill: #24292f } .title { font: 600 15px system-ui, sans-serif }
  .own { fill: #9be9a8 } .library { fill: #ffd8a8 } .node { fill: #c5d9f7 } .engine { fill: #e1e4e8 }
  rect { stroke: #fff; stroke-width: .5 }
`;

/** @returns a whole SVG document */
export function flameOf(root: Frame, title: string): string {
  const boxes: string[] = [];
  let deepest = 0;
  const draw = (frame: Frame, left: number, depth: number): void => {
    const wide = (frame.totalUs / root.totalUs) * width;
    if (wide < narrowest || depth > depthMax) return;
    deepest = Math.max(deepest, depth);
    boxes.push(boxOf(frame, { left, wide, depth, share: frame.totalUs / root.totalUs }));
    let at = left;
    for (const child of [...frame.children].sort((a, b) => a.name.localeCompare(b.name))) {
      draw(child, at, depth + 1);
      at += (child.totalUs / root.totalUs) * width;
    }
  };
  draw(root, 0, 0);
  const height = headHeight + (deepest + 1) * rowHeight + 10;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-label="${escaped(title)}">`,
    `<style>${style}</style>`,
    `<text class="title" x="10" y="25">${escaped(title)}</text>`,
    `<g transform="translate(0 ${height - 5})">`,
    ...boxes,
    "</g>",
    "</svg>",
    "",
  ].join("\n");
}

function boxOf(
  { name, file }: Frame,
  { left, wide, depth, share }: Readonly<Record<"left" | "wide" | "depth" | "share", number>>,
): string {
  const top = -(depth + 1) * rowHeight;
  const letters = Math.floor((wide - 6) / letterWidth);
  const shown = letters < 3 ? "" : name.slice(0, letters);
  const hint = `${name}${file === "" ? "" : ` (${file})`}: ${(share * 100).toFixed(1)} %`;
  const box = `<rect class="${kindOf(file)}" x="${left.toFixed(1)}" y="${top}" width="${wide.toFixed(1)}" height="${rowHeight}"/>`;
  const text =
    shown === ""
      ? ""
      : `<text x="${(left + 3).toFixed(1)}" y="${top + 12}">${escaped(shown)}</text>`;
  return `<g><title>${escaped(hint)}</title>${box}${text}</g>`;
}

/** Whose code it is. */
function kindOf(file: string): "own" | "library" | "node" | "engine" {
  if (file === "") return "engine";
  if (file.startsWith("node:")) return "node";
  return file.endsWith(".ts") ? "own" : "library";
}
