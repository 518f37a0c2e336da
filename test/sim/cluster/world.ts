import type { Database } from "../../../src/platform/database.ts";
import { at } from "../../support/quota-builders.ts";
import { Archive } from "../check/archive.ts";
import { NatsModel } from "../net/nats.ts";
import { modelled } from "../store/modelled.ts";
import type { Schema } from "../store/schema.ts";
import { Server } from "../store/server.ts";
import type { Statements } from "../store/statement.ts";
import { Agenda } from "../time/agenda.ts";
import { Dice } from "../time/dice.ts";
import { Process } from "../time/process.ts";
import { Trace } from "../time/trace.ts";
import { PolicyModel } from "./policy.ts";

/** A deliberate bug, put in at the ports of the program; the sound one changes nothing. */
export interface Mutant {
  readonly statements: (sound: Statements) => Statements;
  readonly database: (sound: Database, process: Process) => Database;
}

export const sound: Mutant = {
  statements: (statements) => statements,
  database: (database) => database,
};

/** Shortly before something: ends of years, months and days, changes of summer time, in one of the zones. */
const eves = [
  "2026-12-31T23:59:40Z",
  "2027-01-31T22:59:40Z",
  "2026-03-28T22:59:40Z",
  "2026-03-29T00:59:40Z",
  "2026-10-25T00:59:40Z",
  "2026-10-24T21:59:40Z",
  "2026-03-08T06:59:40Z",
  "2026-11-01T03:59:40Z",
  "2026-04-04T14:59:40Z",
  "2026-11-22T12:00:00Z",
].map(at);
export const zones = [
  "UTC",
  "Europe/Berlin",
  "America/Havana",
  "Australia/Lord_Howe",
  "Asia/Beirut",
];
/** Machines of one cluster disagree by less. */
const skewMaxMs = 400;

/** All that a simulated cluster is made of and stands in, from one seed. */
export class World {
  readonly agenda = new Agenda();
  readonly trace = new Trace(() => this.agenda.nowMs);
  readonly dice: Dice;
  readonly mutant: Mutant;
  readonly beginsAt: ReturnType<typeof at>;
  readonly server: Server;
  readonly nats: NatsModel;
  readonly policy: PolicyModel;
  readonly archive: Archive;
  readonly #found: string[] = [];

  constructor(seed: number, schema: Schema, mutant: Mutant) {
    const { agenda, trace } = this;
    this.dice = new Dice(seed);
    const { dice } = this;
    this.mutant = mutant;
    this.beginsAt = dice.oneOf(eves);
    this.archive = new Archive((text) => {
      this.find(text);
    });
    const statements = this.archive.watching(mutant.statements(modelled));
    const wallMs = this.beginsAt + dice.between(-skewMaxMs, skewMaxMs);
    this.server = new Server({ agenda, dice, trace, schema, statements, wallMs });
    this.nats = new NatsModel(agenda, dice, trace);
    this.policy = new PolicyModel(agenda, dice);
  }

  /** A new process, on a machine with a clock of its own. */
  process(name: string): Process {
    const skewMs = Math.floor(this.dice.between(-skewMaxMs, skewMaxMs));
    return new Process(this.agenda, name, at(new Date(this.beginsAt + skewMs).toISOString()));
  }

  readonly sleep = (delayMs: number): Promise<void> =>
    new Promise((resolve) => this.agenda.after(delayMs, resolve));

  /** Something that must not be. */
  find(text: string): void {
    this.trace.note(`FOUND ${text}`);
    this.#found.push(text);
  }

  get found(): readonly string[] {
    const { bug } = this.server;
    return bug ? [...this.#found, `the model itself is wrong: ${bug.message}`] : this.#found;
  }
}
