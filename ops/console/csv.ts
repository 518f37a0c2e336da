type Cell = string | number | boolean | null;

/** What a spreadsheet would take for a formula and carry out. */
const formula = /^[=+@\t\r]|^-(?![\d.]+$)/;

/** Rows as RFC 4180 has them, with the mark by which spreadsheets know UTF-8. */
export function csvOf(rows: readonly (readonly Cell[])[]): string {
  const lines = rows.map((row) => row.map(cellOf).join(","));
  return `\ufeff${lines.join("\r\n")}\r\n`;
}

function cellOf(value: Cell): string {
  if (value === null) return "";
  const text = String(value).replace("\u2212", "-");
  const safe = formula.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
