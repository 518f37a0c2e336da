import { SingleBar } from "cli-progress";

import type { Clock } from "../src/platform/clock.ts";

/** Without a terminal, a line about as often. */
const lineEveryMs = 5_000;

/** Shows how far one part of the work is. */
export interface Progress {
  /** @param count done since the last call; below 0 = there is more to do again */
  add(count: number): void;
  /** It is done, or will not go on. */
  end(): void;
}

/** Where progress is shown: never where the answer is printed. */
export interface Screen extends NodeJS.WritableStream {
  readonly isTTY?: boolean;
}

/** A part of the work that can be counted. */
export interface Part {
  readonly name: string;
  readonly total: number;
  /** What is counted, such as rows. */
  readonly unit: string;
}

/** A bar on a terminal, else a line every few seconds. */
export function progressOf(screen: Screen, clock: Clock, part: Part): Progress {
  return screen.isTTY === true ? barOf(screen, part) : linesOf(screen, clock, part);
}

function barOf(screen: Screen, { name, total, unit }: Part): Progress {
  const format = `${name} [{bar}] {percentage}% | {value} of {total} ${unit} | {eta_formatted} left`;
  const bar = new SingleBar({ format, stream: screen, hideCursor: true, etaBuffer: 50 });
  bar.start(total, 0);
  return {
    add: (count) => {
      bar.increment(count);
    },
    end: () => {
      bar.stop();
    },
  };
}

function linesOf(screen: Screen, clock: Clock, { name, total, unit }: Part): Progress {
  let done = 0;
  let saidMs = clock.elapsedMs();
  const say = (): void => {
    screen.write(`${name}: ${done} of ${total} ${unit}\n`);
    saidMs = clock.elapsedMs();
  };
  return {
    add: (count) => {
      done += count;
      if (clock.elapsedMs() - saidMs >= lineEveryMs) say();
    },
    end: say,
  };
}
