import envSchema from "env-schema";
import {
  type SettingName,
  type SettingNotes,
  type Settings,
  notesOf,
  settingsSchema,
} from "./settings.ts";

/** One wrong or missing setting, in one sentence that names it, and what to do about it. */
export interface Problem {
  readonly setting: SettingName;
  readonly wrong: string;
  readonly cure: string;
}

const shownCharactersMax = 60;

/** The settings by the schema. A wrong one becomes a problem and its default, so that all others are looked at too. */
export function checked(given: NodeJS.ProcessEnv): { settings: Settings; problems: Problem[] } {
  try {
    return { settings: read(given), problems: [] };
  } catch (error) {
    const names = wrongNames(error);
    if (names.length === 0) throw error;
    const wrong = new Set<string>(names);
    const rest = Object.fromEntries(Object.entries(given).filter(([name]) => !wrong.has(name)));
    return {
      settings: read(rest),
      problems: names.map((name) => problemOf(name, given[name] ?? "")),
    };
  }
}

/** What to do about a wrong setting. */
export function cureOf(name: SettingName): string {
  const { byDefault } = notes(name);
  return byDefault === null || byDefault === ""
    ? "Correct it or remove it."
    : `Correct it, or remove it for the default, ${byDefault}.`;
}

function read(data: NodeJS.ProcessEnv): Settings {
  return envSchema<Settings>({ schema: settingsSchema, data: { ...data }, env: false });
}

function problemOf(name: SettingName, text: string): Problem {
  const { must, secret } = notes(name);
  const is = secret ? "is not usable" : `is ${JSON.stringify(text.slice(0, shownCharactersMax))}`;
  return { setting: name, wrong: `${name} ${is}; it has to be: ${must}.`, cure: cureOf(name) };
}

function wrongNames(error: unknown): readonly SettingName[] {
  if (!(error instanceof Error) || !("errors" in error) || !Array.isArray(error.errors)) return [];
  const paths = new Set(error.errors.map((each: { instancePath?: string }) => each.instancePath));
  return Object.keys(settingsSchema.properties)
    .filter(isSetting)
    .filter((name) => paths.has(`/${name}`));
}

function isSetting(name: string): name is SettingName {
  return name in settingsSchema.properties;
}

function notes(name: SettingName): SettingNotes {
  return notesOf(settingsSchema.properties[name]);
}
