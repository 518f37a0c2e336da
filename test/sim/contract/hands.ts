import type { Database, Purpose, Row, Session } from "../../../src/platform/database.ts";
import { Fault } from "../../../src/wire/fault.ts";
import { Gate } from "../../support/node-clock.ts";
import { type Hand, hands, type Step } from "./script.ts";

const purposes: Readonly<Record<Hand, Purpose>> = { left: "lease", right: "jobs", third: "limits" };

/** A transaction that is open between two steps. */
interface Open {
  readonly session: Session;
  /** Ends it. */
  readonly end: (how: "commit" | "rollback") => Promise<string>;
}

/** Three connections to one store, that do what they are told, and whatever they wait for. */
export class Hands {
  readonly #database: Database;
  readonly #open = new Map<Hand, Open>();
  /** Those that have no answer yet. */
  readonly #busy = new Set<Hand>();
  readonly #said: string[] = [];

  constructor(database: Database) {
    this.#database = database;
  }

  get waiting(): number {
    return this.#busy.size;
  }

  isBusy(hand: Hand): boolean {
    return this.#busy.has(hand);
  }

  /** The one that has a transaction open; at most one has. */
  get holder(): Hand | undefined {
    return hands.find((hand) => this.#open.has(hand));
  }

  /** Begins a step; what it answers is heard by `heard`. */
  take(step: Step): void {
    const { hand } = step;
    this.#busy.add(hand);
    void this.#do(step)
      .catch((error: unknown) => (error instanceof Fault ? failure(error) : String(error)))
      .then((said) => {
        this.#busy.delete(hand);
        this.#said.push(
          `${hand} ${step.kind === "run" ? step.statement.name : step.kind}: ${said}`,
        );
      });
  }

  /** What was answered since it was last asked, in no order of time. */
  heard(): readonly string[] {
    return this.#said.splice(0).sort();
  }

  async #do(step: Step): Promise<string> {
    const { hand } = step;
    if (step.kind === "begin") return this.#begin(hand);
    const open = this.#open.get(hand);
    if (step.kind === "run") {
      const session = open?.session ?? this.#database.session(purposes[hand]);
      return textOf(await session.run(step.statement, step.values));
    }
    this.#open.delete(hand);
    return open ? open.end(step.kind) : "nothing is open";
  }

  /** Resolves when the transaction has begun; its body lasts until it is ended. */
  async #begin(hand: Hand): Promise<string> {
    const begun = new Gate();
    const ended = new Gate();
    let how: "commit" | "rollback" = "commit";
    const whole = this.#database
      .transaction(async (session) => {
        this.#open.set(hand, {
          session,
          end: (wanted) => {
            how = wanted;
            ended.open();
            return whole;
          },
        });
        begun.open();
        await ended.opened;
        if (how === "rollback") throw new Error("rolled back");
      })
      .then(
        () => "committed",
        (error: unknown) => (error instanceof Fault ? failure(error) : "rolled back"),
      );
    await begun.opened;
    return "begun";
  }
}

function failure({ code, cause }: Fault): string {
  const sqlState = cause instanceof Error && "code" in cause ? String(cause.code) : "";
  return `${code} ${sqlState}`;
}

/** Rows in no order of their own, each with its columns by name. */
export function textOf(rows: readonly Row[]): string {
  const texts = rows.map((row) => {
    const columns = Object.keys(row).sort();
    return columns.map((column) => `${column}=${shown(row[column])}`).join(" ");
  });
  return `[${texts.sort().join(" | ")}]`;
}

function shown(value: unknown): string {
  if (value instanceof Date) return value.toISOString();
  return typeof value === "string"
    ? value
    : JSON.stringify(value, (_, each: unknown) => (typeof each === "bigint" ? String(each) : each));
}
