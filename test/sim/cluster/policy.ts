import type { PolicyService } from "../../../shards/limits/ports.ts";
import type { Key } from "../../../src/domain/ids.ts";
import type { Limits, Policy } from "../../../src/domain/limits.ts";
import { Fault } from "../../../src/wire/fault.ts";
import { limits } from "../../support/quota-builders.ts";
import { latencyMs } from "../store/line.ts";
import type { Agenda } from "../time/agenda.ts";
import type { Dice } from "../time/dice.ts";
import type { Process } from "../time/process.ts";

/** Of keys of which no policy is known. */
export const defaults: Limits = {
  ...limits({ daily: 500n, monthly: 5_000n }),
  source: "default",
  policyVersion: null,
};

/** A model of the policy service: says what each key may take, changes it, and is away at times. */
export class PolicyModel {
  isAway = false;
  readonly #agenda: Agenda;
  readonly #dice: Dice;
  readonly #inForce = new Map<string, Policy>();
  readonly #everSaid = new Map<string, Limits>();

  constructor(agenda: Agenda, dice: Dice) {
    this.#agenda = agenda;
    this.#dice = dice;
  }

  /** Gives a key new limits. */
  change(key: Key, zone: string): void {
    const dice = this.#dice;
    const daily = BigInt(dice.oneOf([150, 400, 1_000]));
    const wanted = limits({
      zone,
      daily,
      monthly: daily * BigInt(dice.oneOf([2, 4])),
      ...(dice.says(0.5) && { yearly: daily * 5n }),
      ...(dice.says(0.3) && { single: { min: 2n, max: 60n } }),
      ...(dice.says(0.2) && { counts: { daily: 40, monthly: 90 } }),
      ...(dice.says(0.3) && { pending: daily }),
      ...(dice.says(0.2) && { refunds: { daily: 120n } }),
    });
    const policyVersion = `p${this.#everSaid.size + 1}`;
    const said: Limits = { ...wanted, policyVersion };
    this.#inForce.set(key.text, said);
    this.#everSaid.set(policyVersion, said);
  }

  zoneOf(key: Key): string {
    return this.#inForce.get(key.text)?.zone ?? defaults.zone;
  }

  /** The limits that were called so; the defaults have no version. */
  known(policyVersion: string | null): Limits {
    if (policyVersion === null) return defaults;
    const known = this.#everSaid.get(policyVersion);
    if (!known) throw new Error(`nobody ever said policy ${policyVersion}`);
    return known;
  }

  /** As a process reaches it. */
  serviceOf(process: Process): PolicyService {
    return {
      policyOf: (key) =>
        new Promise((resolve, reject) => {
          this.#agenda.after(latencyMs(this.#dice), () => {
            const policy = this.#inForce.get(key.text) ?? null;
            const isAway = this.isAway;
            process.hears(latencyMs(this.#dice), () => {
              if (isAway) reject(new Fault("SHARD_UNAVAILABLE", "the policy service is away"));
              else resolve(policy);
            });
          });
        }),
    };
  }
}
