import type { Row, Session, Statement } from "../../src/platform/database.ts";
import { logInto, noMeter } from "./node-harness.ts";

/** A statement that waits for the test to answer it. */
export interface Asked {
  readonly name: string;
  readonly values: readonly unknown[];
  readonly answer: (rows: readonly Row[]) => void;
  readonly fail: (error: Error) => void;
}

/** A session without a database: the test answers, when it likes and as it likes. */
export function fakeSession(): Session & { readonly asked: Asked[] } {
  const asked: Asked[] = [];
  return {
    asked,
    run: (statement: Statement, values: readonly unknown[] = []) =>
      new Promise((answer, fail) => {
        asked.push({ name: statement.name, values, answer, fail });
      }),
  };
}

export const quiet = { log: logInto([]), meter: noMeter };

/** Lets everything run that does not wait for the test. */
export function settled(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(() => setImmediate(resolve));
  });
}
