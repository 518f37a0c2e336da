import { type PGlite, protocol } from "@electric-sql/pglite";

import { Fault, type FaultCode, faultOf } from "../wire/fault.ts";
import type { Row, Session, Statement } from "./database.ts";
import { type PgliteAnswer, readAnswer } from "./pglite-answer.ts";
import { endsConnection } from "./sql-fault.ts";
import { encodeValue } from "./sql-value.ts";

/**
 * One opened engine: statements in, one at a time, until it dies. It never opens again; see `PgliteEngine`.
 *
 * After a PANIC the engine must never be called again: PGlite swallows what its WASM throws, and a further call spins
 * for ever. So a dead line answers by itself.
 */
export class PgliteLine implements Session {
  readonly #pglite: PGlite;
  readonly #prepared = new Map<string, string>();
  #dead = false;
  #requests = 0;
  #bytesSent = 0;

  constructor(pglite: PGlite) {
    this.#pglite = pglite;
  }

  get dead(): boolean {
    return this.#dead;
  }

  /** Since the opening. */
  get requests(): number {
    return this.#requests;
  }

  /** Since the opening. */
  get bytesSent(): number {
    return this.#bytesSent;
  }

  /**
   * Invariant: called by one at a time, inside a turn of the engine.
   *
   * @param codeOfLoss inside a transaction a loss before its commit means that nothing happened
   */
  async run(
    { name, text }: Statement,
    values: readonly unknown[] = [],
    codeOfLoss: FaultCode = "OUTCOME_UNKNOWN",
  ): Promise<readonly Row[]> {
    const { serialize } = protocol;
    const prepared = this.#prepared.get(name);
    if (prepared !== undefined && prepared !== text) {
      throw new Fault("INTERNAL", `two statements have the name ${name}`);
    }
    const request = Buffer.concat([
      ...(prepared === undefined ? [serialize.parse({ name, text })] : []),
      serialize.bind({ statement: name, values: values.map(encodeValue) }),
      serialize.describe({ type: "P" }),
      serialize.execute({}),
      serialize.sync(),
    ]);
    const answer = await this.#ask(request, name, codeOfLoss);
    if (answer.parsed) this.#prepared.set(name, text);
    if (answer.fault !== undefined) throw answer.fault;
    return answer.rows;
  }

  /** A text of many statements. Invariant: as `run`. */
  async script(text: string): Promise<void> {
    const answer = await this.#ask(protocol.serialize.query(text), "migration", "OUTCOME_UNKNOWN");
    if (answer.fault !== undefined) throw answer.fault;
  }

  async #ask(request: Uint8Array, name: string, codeOfLoss: FaultCode): Promise<PgliteAnswer> {
    if (this.#dead) throw new Fault("SHARD_UNAVAILABLE", "PGlite died");
    this.#requests += 1;
    this.#bytesSent += request.byteLength;
    try {
      const { messages } = await this.#pglite.execProtocol(request, {
        syncToFs: false,
        throwOnError: false,
      });
      const answer = readAnswer(messages, name);
      if (answer.error === undefined || answer.fault === undefined) return answer;
      if (!endsConnection(answer.error)) return answer;
      this.#dead = true;
      const fault = new Fault(codeOfLoss, answer.fault.message, { cause: answer.error });
      return { ...answer, fault };
    } catch (error) {
      this.#dead = true;
      throw new Fault(codeOfLoss, "PGlite died", { cause: faultOf(error) });
    }
  }

  /** Shuts Postgres down; a dead one is left as it is. */
  async close(): Promise<void> {
    if (this.#dead) return;
    this.#dead = true;
    await this.#pglite.close();
  }
}
