import type { Config } from "../../src/config.ts";
import { LiveSettings } from "../../src/live-setting.ts";
import type { Offer } from "../../src/setting-offer.ts";
import { type FakeClock, fakeClock } from "./fake-clock.ts";
import { LogLines } from "./log-lines.ts";

/** What the config service offers, if it answers. */
type Said = Record<string, string | null> | "silence";

const secondsMax = 40; // longer than from one question to the next

/** An environment and a config service that says what the test wants. */
export class Scene {
  readonly clock: FakeClock = fakeClock();
  readonly log = new LogLines();
  readonly #environment: NodeJS.ProcessEnv;
  questions = 0;
  #said: Said;
  #ready: Promise<void> = Promise.resolve();

  constructor(environment: NodeJS.ProcessEnv, said: Said) {
    this.#environment = environment;
    this.#said = said;
  }

  open(): Promise<LiveSettings> {
    return LiveSettings.open({
      environment: this.#environment,
      machineName: "box",
      source: { offer: () => this.#offer() },
      clock: this.clock,
      log: this.log,
    });
  }

  /** From now on no answer comes before this. */
  answersAfter(ready: Promise<void>): void {
    this.#ready = ready;
  }

  /** The service says something from now on; time passes until it has been asked once. */
  async says(said: Said): Promise<void> {
    this.#said = said;
    const before = this.questions;
    for (let seconds = 0; seconds < secondsMax && this.questions === before; seconds++) {
      await this.clock.advance(1_000);
    }
  }

  async #offer(): Promise<Offer> {
    this.questions += 1;
    await this.#ready;
    if (this.#said === "silence") return { kind: "away", why: "it does not answer" };
    return { kind: "offered", texts: new Map(Object.entries(this.#said)) };
  }
}

/** The scene at its start: what the environment has, and what the service says at first. */
export async function sceneWith(
  environment: NodeJS.ProcessEnv,
  said: Said,
): Promise<{ readonly scene: Scene; readonly live: LiveSettings; readonly told: Config[] }> {
  const scene = new Scene(environment, said);
  const live = await scene.open();
  const told: Config[] = [];
  live.onChange((config) => told.push(config));
  return { scene, live, told };
}
