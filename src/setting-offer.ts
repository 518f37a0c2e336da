import { ConfigError, loadConfig } from "./config.ts";
import { type SettingName, settingsSchema } from "./settings.ts";

/** Values of settings, as they would be written in the environment. */
export type SettingTexts = ReadonlyMap<SettingName, string>;

/** What the config service says: each key with its value as text, null where it is no value of a setting; or nothing. */
export type Offer =
  | { readonly kind: "offered"; readonly texts: ReadonlyMap<string, string | null> }
  | { readonly kind: "away"; readonly why: string };

/** What can be used of the values that the config service offers. */
export interface Accepted {
  readonly texts: SettingTexts;
  /** What is wrong with each of the others; never a secret's value. */
  readonly refused: ReadonlyMap<SettingName, string>;
  /** Keys that are no settings of ours. */
  readonly unknown: readonly string[];
}

/**
 * These say where the config service is, what it may mend and which process this is: the environment alone has them.
 * Two nodes of one NODE_NAME would take each other for dead.
 */
const environmentAlone: ReadonlySet<SettingName> = new Set<SettingName>([
  "NODE_ENV",
  "NODE_NAME",
  "NODE_ADDRESS",
  "ROLES",
  "ENV",
  "ENABLE_CONFIG_CLIENT",
  "CONFIG_SERVICE_URL",
]);

/**
 * Chooses what can be used of the offered values over an environment. A value that is wrong, or that does not go with
 * the others, is refused by itself: the one that held before stays, and so do all others.
 *
 * An empty value means what it does in the environment: no limit for an amount, for all else not set, so that the
 * environment's own holds.
 * @param environment may be wrong itself, where the offered values mend it
 * @param before the texts that were accepted last
 */
export function accept(
  environment: NodeJS.ProcessEnv,
  before: SettingTexts,
  offered: ReadonlyMap<string, string | null>,
): Accepted {
  const { wanted, refused, unknown } = sorted(offered);
  const kept = [...before].filter(([name]) => refused.has(name));
  const all = new Map([...kept, ...wanted]);
  if (problemsOf(environment, all).size === 0) return { texts: all, refused, unknown };

  const texts = new Map([...kept, ...[...before].filter(([name]) => wanted.has(name))]);
  let open = [...wanted].filter(([name, text]) => texts.get(name) !== text);
  let takenCount: number;
  do {
    // Again and again: some go only with others, as a higher least amount with a higher most.
    takenCount = 0;
    open = open.filter(([name, text]) => {
      const why = problemBrought(environment, texts, name, text);
      if (why === null) {
        texts.set(name, text);
        refused.delete(name);
        takenCount += 1;
      } else refused.set(name, why);
      return why !== null;
    });
  } while (takenCount > 0);
  return { texts, refused, unknown };
}

/** The environment with values laid over it. */
export function laidOver(environment: NodeJS.ProcessEnv, texts: SettingTexts): NodeJS.ProcessEnv {
  return { ...environment, ...Object.fromEntries(texts) };
}

function sorted(offered: ReadonlyMap<string, string | null>): {
  wanted: Map<SettingName, string>;
  refused: Map<SettingName, string>;
  unknown: string[];
} {
  const wanted = new Map<SettingName, string>();
  const refused = new Map<SettingName, string>();
  const unknown: string[] = [];
  for (const [key, text] of offered) {
    if (!isSetting(key)) unknown.push(key);
    else if (environmentAlone.has(key))
      refused.set(key, `${key} is read from the environment alone.`);
    else if (text === null) refused.set(key, `${key} is neither text nor a number, true or false.`);
    else if (text !== "" || key.startsWith("DEFAULT_")) wanted.set(key, text);
  }
  return { wanted, refused, unknown };
}

function problemBrought(
  environment: NodeJS.ProcessEnv,
  texts: SettingTexts,
  name: SettingName,
  text: string,
): string | null {
  const had = problemsOf(environment, texts);
  const has = problemsOf(environment, new Map(texts).set(name, text));
  const brought = [...has].filter((problem) => !had.has(problem));
  return brought.length === 0 ? null : brought.join(" ");
}

function problemsOf(environment: NodeJS.ProcessEnv, texts: SettingTexts): ReadonlySet<string> {
  try {
    loadConfig(laidOver(environment, texts));
    return new Set();
  } catch (error) {
    if (error instanceof ConfigError) return new Set(error.problems.map(({ wrong }) => wrong));
    throw error;
  }
}

function isSetting(name: string): name is SettingName {
  return Object.hasOwn(settingsSchema.properties, name);
}
