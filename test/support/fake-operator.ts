import { Writable } from "node:stream";

import type { Operator } from "../../ops/commands/operator.ts";

/** An operator as tests want one. */
export interface FakeOperator extends Operator {
  readonly asked: readonly string[];
  /** All that was said beside the answer. */
  said(): string;
  /** Presses Ctrl-C. */
  interrupt(): void;
}

/** @param answer what they say when they are asked; null = nobody is there */
export function fakeOperator(answer: boolean | null = true): FakeOperator {
  const written: string[] = [];
  const asked: string[] = [];
  const stop = new AbortController();
  const screen = new Writable({
    write: (chunk: Buffer, _, done) => {
      written.push(chunk.toString());
      done();
    },
  });
  return {
    canAnswer: answer !== null,
    seesAnswer: false,
    screen,
    stop: stop.signal,
    asked,
    agrees: (question) => {
      asked.push(question);
      return Promise.resolve(answer === true);
    },
    said: () => written.join(""),
    interrupt: () => {
      stop.abort();
    },
  };
}
