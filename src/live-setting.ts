import { type Config, ConfigError, loadConfig } from "./config.ts";
import type { Neighbours } from "./config-neighbour.ts";
import { accept, laidOver, type Offer, type SettingTexts } from "./setting-offer.ts";
import type { SettingName } from "./settings.ts";

/*
 * Precedence of a setting: config service, environment, default.
 *
 *   start ──▶ asked once ──▶ the Config of this process ──every 30 s──▶ asked again
 *                                                             │ live settings: a new Config, and whoever listens hears of it
 *                                                             │ all others: said once, used at the next start
 *                                                             └ nothing heard, or nothing new: all stays
 *
 * A service that is away changes nothing: what it said last holds on, or, from the start, the environment.
 */
const askEveryMs = 30_000;
/** Of that time, either way, so that nodes started together do not ask together. */
const jitterShare = 0.1;

const namedMax = 50;

const liveForm = /^(LOG_LEVEL|ALERT_THRESHOLDS|DEFAULT_[A-Z_]+|POLICY_[A-Z_]+)$/;

/** The config service. */
export interface SettingSource {
  /** Answers within a time that a start may take; never throws. */
  offer(): Promise<Offer>;
}

interface Needs {
  readonly environment: NodeJS.ProcessEnv;
  /** Stands in for NODE_NAME. */
  readonly machineName: string;
  /** null = the environment alone. */
  readonly source: SettingSource | null;
  readonly clock: { after(delayMs: number, run: () => void): () => void };
  readonly log: {
    debug(fields: object, text: string): void;
    info(fields: object, text: string): void;
    warn(fields: object, text: string): void;
  };
}

/**
 * Where the environment says that the config service is; null = it is not asked. Whatever else is wrong in the
 * environment, the service may mend.
 * @throws ConfigError when that is not usable
 */
export function configServiceOf(environment: NodeJS.ProcessEnv): Neighbours["configService"] {
  const names = ["ENABLE_CONFIG_CLIENT", "CONFIG_SERVICE_URL", "ENV"];
  const asked = { ...environment, ENV: environment["ENV"] || environment["NODE_ENV"] };
  const given = Object.entries(asked).filter(([name, text]) => names.includes(name) && text);
  return loadConfig(Object.fromEntries(given)).neighbours.configService;
}

type Offered = ReadonlyMap<string, string | null>;

/** The settings of this process, some of which the config service changes while it runs. */
export class LiveSettings {
  readonly #needs: Needs;
  readonly #hear: () => Promise<Offered | null>;
  readonly #listeners: ((config: Config) => void)[] = [];
  /** The service's values at the start: those that are not live hold as long as the process runs. */
  readonly #atStart: SettingTexts;
  /** The service's values that can be used now; what is not live waits among them for the next start. */
  #accepted: SettingTexts;
  /** The service's values in `#config`. */
  #inForce: SettingTexts;
  #config: Config;
  #isClosed = false;
  #cancel: (() => void) | null = null;

  private constructor(
    needs: Needs,
    hear: () => Promise<Offered | null>,
    texts: SettingTexts,
    config: Config,
  ) {
    this.#needs = needs;
    this.#hear = hear;
    this.#atStart = texts;
    this.#accepted = texts;
    this.#inForce = texts;
    this.#config = config;
  }

  /**
   * Asks the config service once, and from then on again and again; as long as it is silent the environment holds.
   * @throws ConfigError when the environment, with what the service said, cannot be used
   */
  static async open(needs: Needs): Promise<LiveSettings> {
    const { environment, machineName, source, log } = needs;
    const hear = hearing(source, log);
    const texts = acceptedOf(needs, new Map(), await hear());
    const config = loadConfig(laidOver(environment, texts), machineName);
    const live = new LiveSettings(needs, hear, texts, config);
    if (source) live.#askLater();
    return live;
  }

  /** The settings in force; only the live ones ever differ from those of the start. */
  current(): Config {
    return this.#config;
  }

  /** Tells of each change of live settings from now on. */
  onChange(tell: (config: Config) => void): void {
    this.#listeners.push(tell);
  }

  /** What is made of the settings, made anew with each change of live settings. */
  derived<T>(make: (config: Config) => T): () => T {
    let made = make(this.#config);
    this.onChange((config) => {
      made = make(config);
    });
    return () => made;
  }

  /** The config service is asked no more. */
  close(): void {
    this.#isClosed = true;
    this.#cancel?.();
  }

  #askLater(): void {
    const delayMs = askEveryMs * (1 + jitterShare * (2 * Math.random() - 1));
    this.#cancel = this.#needs.clock.after(delayMs, () => {
      void this.#askAgain();
    });
  }

  async #askAgain(): Promise<void> {
    const offered = await this.#hear();
    if (this.#isClosed) return;
    this.#askLater();
    if (offered === null) return;
    const before = this.#accepted;
    this.#accepted = acceptedOf(this.#needs, before, offered);
    this.#takeLive();
    this.#sayWhatWaits(before);
  }

  /** The live values of now beside all others of the start. */
  #takeLive(): void {
    const { environment, machineName, log } = this.#needs;
    const texts = new Map([
      ...[...this.#atStart].filter(([name]) => !isLive(name)),
      ...[...this.#accepted].filter(([name]) => isLive(name)),
    ]);
    const settings = this.#changed(this.#inForce, texts);
    if (settings.length === 0) return;
    try {
      this.#config = loadConfig(laidOver(environment, texts), machineName);
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      log.warn({ err: error }, "settings do not go together, all stay as they were");
      return;
    }
    this.#inForce = texts;
    log.info({ settings }, "settings changed, as the config service says");
    for (const tell of this.#listeners) tell(this.#config);
  }

  /** Once for each value that is new and differs from that of the start. */
  #sayWhatWaits(before: SettingTexts): void {
    const isOther = new Set(this.#changed(this.#atStart, this.#accepted));
    const settings = this.#changed(before, this.#accepted).filter(
      (name) => !isLive(name) && isOther.has(name),
    );
    if (settings.length === 0) return;
    this.#needs.log.info({ settings }, "changed settings take effect at the next start");
  }

  /** Names alone: a value may be a secret. */
  #changed(from: SettingTexts, to: SettingTexts): readonly SettingName[] {
    const { environment } = this.#needs;
    return [...new Set([...from.keys(), ...to.keys()])].filter(
      (name) => (from.get(name) ?? environment[name]) !== (to.get(name) ?? environment[name]),
    );
  }
}

function isLive(name: SettingName): boolean {
  return liveForm.test(name);
}

/** What can be used of an answer, with a line for each value that cannot. */
function acceptedOf({ environment, log }: Needs, before: SettingTexts, offered: Offered | null) {
  if (offered === null) return before;
  const { texts, refused, unknown } = accept(environment, before, offered);
  for (const [setting, why] of refused) {
    log.warn({ setting, why }, "value of the config service refused, the old one stays");
  }
  if (unknown.length > 0)
    log.debug({ keys: unknown.slice(0, namedMax) }, "unknown settings ignored");
  return texts;
}

/** Asks the service, and says once when it goes and once when it is back; hears null where there is nothing new. */
function hearing(source: SettingSource | null, log: Needs["log"]): () => Promise<Offered | null> {
  let isAway = false;
  let last = "";
  return async () => {
    if (source === null) return null;
    const offer = await source.offer();
    if (offer.kind === "away") {
      const { why } = offer;
      if (!isAway) log.warn({ why }, "config service does not answer, settings stay as they are");
      isAway = true;
      return null;
    }
    if (isAway) log.info({}, "config service answers again");
    isAway = false;
    const heard = JSON.stringify([...offer.texts]);
    if (heard === last) return null;
    last = heard;
    return offer.texts;
  };
}
