import { type SettingNotes, notesOf, settingGroups } from "../src/settings.ts";

export const settingsBegin = "<!-- settings -->";
export const settingsEnd = "<!-- /settings -->";

/** The text of `.env.example`: every setting, off, with its default. */
export function envExample(): string {
  const groups = Object.entries(settingGroups).map(([heading, settings]) => {
    const entries = Object.entries(settings).map(([name, schema]) =>
      entryOf(name, notesOf(schema)),
    );
    return `## ${heading}\n\n${entries.join("\n")}`;
  });
  return `# Generated from src/settings.ts by \`npm run docs\`. Copy to .env and take the # away where another value is wanted.\n\n${groups.join("\n")}`;
}

function entryOf(name: string, { description, must, byDefault }: SettingNotes): string {
  return `# ${description}\n# Has to be: ${must}.\n#${name}=${byDefault ?? ""}\n`;
}

/** The settings as a Markdown table, its columns padded as Prettier pads them. */
export function settingsTable(): string {
  const rows = Object.values(settingGroups)
    .flatMap((settings) => Object.entries(settings))
    .map(([name, schema]) => rowOf(name, notesOf(schema)));
  const table = [["Setting", "Default", "Has to be", "What it does"], ...rows];
  const widths = [0, 1, 2, 3].map((column) =>
    Math.max(...table.map((row) => (row[column] ?? "").length)),
  );
  const lines = table.map(
    (row) => `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(" | ")} |`,
  );
  const rule = `| ${widths.map((width) => "-".repeat(width)).join(" | ")} |`;
  return [lines[0], rule, ...lines.slice(1)].join("\n");
}

function rowOf(name: string, { description, must, byDefault }: SettingNotes): readonly string[] {
  const shown = byDefault === null || byDefault === "" ? "" : `\`${byDefault}\``;
  return [`\`${name}\``, shown, must, description];
}

/** Puts the table between the markers of a document; a document without them stays as it is. */
export function withSettings(document: string, table: string): string {
  const begin = document.indexOf(settingsBegin);
  const end = document.indexOf(settingsEnd, begin);
  if (begin < 0 || end < 0) return document;
  const head = document.slice(0, begin + settingsBegin.length);
  return `${head}\n\n${table}\n\n${document.slice(end)}`;
}
