import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";

import { Ending, refused } from "../commands/ending.ts";
import { randomFrom } from "../random.ts";
import { dayOf, type DemoEvent, suspensionsOf } from "./day.ts";
import { carriedOver, type DemoPolicy, policyOf } from "./limit.ts";
import { type DemoKey, keysOf } from "./merchant.ts";

/** Made-up merchants with their limits, and all that has happened to them. */
export interface DemoWorld {
  readonly keys: readonly DemoKey[];
  readonly policies: readonly DemoPolicy[];
  /** In their order, until the time it was made at. */
  readonly events: readonly DemoEvent[];
}

/** The same seed and time make the same world. */
export function worldOf(seed: number, merchants: number, now: Date): DemoWorld {
  const random = randomFrom(seed);
  const untilMs = now.getTime();
  const keys = keysOf(random, merchants, now);
  const day = dayOf(random, keys, untilMs);
  const ofKey = new Map<string, DemoEvent[]>();
  for (const event of day) {
    const { merchant_id: merchant, currency } = event.operation;
    const name = `${String(merchant)} ${String(currency)}`;
    const known = ofKey.get(name) ?? [];
    ofKey.set(name, known);
    known.push(event);
  }
  const policies = keys.map((key) =>
    policyOf(random, key, ofKey.get(`${key.merchantId} ${key.currency}`) ?? [], untilMs),
  );
  const first = day[0]?.atMs ?? untilMs;
  const before = keys.flatMap((key) => carriedOver(random, key, first));
  const events = [...before, ...suspensionsOf(keys, untilMs), ...day];
  return { keys, policies, events: events.toSorted((a, b) => a.atMs - b.atMs) };
}

/** What a folder keeps beside its data, so that the same merchants go on with the same limits. */
interface Kept {
  readonly seed: number;
  readonly merchants: number;
  readonly policies: readonly DemoPolicy[];
}

const fileName = "demo.json";

/** A folder of the demo's own: it is made by the demo, and only what the demo has made is taken away again. */
export class DemoFolder {
  readonly path: string;

  constructor(path: string) {
    this.path = resolve(path);
  }

  get dataPath(): string {
    return join(this.path, "data");
  }

  get logPath(): string {
    return join(this.path, "service.log");
  }

  /** @returns what was made here before; null = nothing @throws Ending when something else is here */
  kept(): Kept | null {
    const file = join(this.path, fileName);
    if (existsSync(file)) return JSON.parse(readFileSync(file, "utf8")) as Kept;
    // A run that was cut off has left its data without the file, which is written last.
    if (!existsSync(this.path)) return null;
    throw refused(
      `${this.path} is there and holds no finished demo: remove it, or name another with --folder`,
    );
  }

  make(): void {
    mkdirSync(this.path, { recursive: true, mode: 0o700 });
  }

  finish(kept: Kept): void {
    writeFileSync(join(this.path, fileName), JSON.stringify(kept));
  }

  /** @throws Ending when a demo was not made here */
  clear(): void {
    if (this.kept() === null) return;
    rmSync(this.path, { recursive: true });
  }
}

/** @throws Ending where made-up data could be taken for real */
export function refuseProduction(nodeEnv: string | undefined): void {
  if (nodeEnv !== "production") return;
  throw new Ending("refused", "NODE_ENV is production: made-up merchants have no place there");
}
