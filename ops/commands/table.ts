import Table from "cli-table3";

/** What is longer goes on in the next line of its cell. */
const cellCharactersMax = 72;

/** A table for people: a row a line, so that a screen holds many. */
export function tableText(
  head: readonly string[],
  rows: readonly (readonly (string | number)[])[],
): string {
  const noRule = { mid: "", "left-mid": "", "mid-mid": "", "right-mid": "" };
  const table = new Table({ head: [...head], style: { head: [], border: [] }, chars: noRule });
  for (const row of rows) table.push(row.map((cell) => wrapped(String(cell))));
  return table.toString();
}

function wrapped(cell: string): string {
  const lines = new RegExp(`(.{1,${cellCharactersMax}})(?: |$)`, "g");
  return cell.replace(lines, "$1\n").trimEnd();
}

/** A count with its noun: `1 shard`, `2 shards`. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

/** Numbers in ascending order as a person writes them: `0-3, 7`. */
export function rangesText(numbers: readonly number[]): string {
  const ranges: { first: number; last: number }[] = [];
  for (const number of numbers) {
    const range = ranges.at(-1);
    if (range?.last === number - 1) range.last = number;
    else ranges.push({ first: number, last: number });
  }
  return ranges.map(({ first, last }) => (first === last ? first : `${first}-${last}`)).join(", ");
}

/** A time that is short: `0.4 s`, `12 s`. */
export function secondsText(ms: number): string {
  return `${(ms / 1_000).toFixed(Math.abs(ms) < 10_000 ? 1 : 0)} s`;
}
