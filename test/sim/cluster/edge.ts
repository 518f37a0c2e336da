import type { Command, Question } from "../../../src/domain/command.ts";
import type { Outcome } from "../../../src/domain/outcome.ts";
import { createAsk } from "../../../src/edge/ask.ts";
import { natsBus } from "../../../src/platform/bus-nats.ts";
import { Fault, faultOf } from "../../../src/wire/fault.ts";
import type { Ask } from "../../../src/wire/message.ts";
import { latencyMs } from "../store/line.ts";
import type { Process } from "../time/process.ts";
import { requestTimeoutMs, shardCount } from "./member.ts";
import type { World } from "./world.ts";

/** A gateway hangs up when an edge is silent for so long. */
const patienceMs = 5_000;

/** A process that asks the owners, and the connections of gateways to it. */
export class Edge {
  readonly process: Process;
  readonly #world: World;
  readonly #ask: Ask;
  /** Those who wait for an answer: what they do when the connection breaks. */
  readonly #callers = new Set<() => void>();

  constructor(world: World, process: Process) {
    this.#world = world;
    this.process = process;
    const { clock } = process;
    process.onDeath(() => {
      for (const hangUp of [...this.#callers]) hangUp();
    });
    this.#ask = createAsk({
      bus: natsBus({
        nats: world.nats.join(process),
        clock,
        shardCount,
        stranger: () => undefined,
      }),
      clock,
      shardCount,
      requestTimeoutMs,
      random: world.dice.fraction,
      closing: () => false,
    });
  }

  /** One call over the network. @throws Fault OUTCOME_UNKNOWN too when the connection breaks or the edge is silent */
  call(request: Command | Question): Promise<Outcome> {
    const { agenda, dice } = this.#world;
    return new Promise((resolve, reject) => {
      const hangUp = (): void => {
        cancel();
        this.#callers.delete(hangUp);
        reject(new Fault("OUTCOME_UNKNOWN", "the edge is gone, or silent"));
      };
      const cancel = agenda.after(patienceMs, hangUp);
      this.#callers.add(hangUp);
      const back = (answer: () => void): void => {
        agenda.after(latencyMs(dice), () => {
          cancel();
          this.#callers.delete(hangUp);
          answer();
        });
      };
      this.process.hears(latencyMs(dice), () => {
        this.#ask(request).then(
          (outcome) => {
            back(() => {
              resolve(outcome);
            });
          },
          (error: unknown) => {
            back(() => {
              reject(faultOf(error));
            });
          },
        );
      });
    });
  }
}
