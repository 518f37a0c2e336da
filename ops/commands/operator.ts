import { createInterface } from "node:readline/promises";

import type { Screen } from "../progress.ts";

/** Nobody holds the other operators up for longer by thinking about it. */
const answerMaxMs = 60_000;

/** The person who runs a command. What is said here stands beside the answer, never in it. */
export interface Operator {
  /** Somebody is there to be asked. */
  readonly canAnswer: boolean;
  /** The answer goes to a terminal, and not into a file or another program. */
  readonly seesAnswer: boolean;
  readonly screen: Screen;
  /** Set when they have had enough: what waits then ends early, in an orderly way. */
  readonly stop: AbortSignal;
  /** @returns false for every answer but yes, and for none */
  agrees(question: string): Promise<boolean>;
}

/** Whoever sits at the terminal of this process. Their first Ctrl-C, or a supervisor's SIGTERM, sets `stop`, once somebody looks at it. */
export function operatorAtTerminal(): Operator {
  const stop = new AbortController();
  let listens = false;
  return {
    canAnswer: process.stdin.isTTY && process.stderr.isTTY,
    seesAnswer: process.stdout.isTTY,
    screen: process.stderr,
    get stop() {
      if (!listens) {
        for (const signal of ["SIGINT", "SIGTERM"] as const) {
          process.once(signal, () => {
            stop.abort();
          });
        }
      }
      listens = true;
      return stop.signal;
    },
    agrees: async (question) => {
      const lines = createInterface({ input: process.stdin, output: process.stderr });
      const gone = new AbortController();
      lines.once("close", () => {
        gone.abort();
      });
      const signal = AbortSignal.any([stop.signal, gone.signal, AbortSignal.timeout(answerMaxMs)]);
      // Only an answer that did not come rejects.
      const answer = await lines.question(`${question} [y/N] `, { signal }).catch(() => "");
      lines.close();
      return /^y(es)?$/i.test(answer.trim());
    },
  };
}
