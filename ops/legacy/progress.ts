import { SingleBar } from "cli-progress";

import type { Clock } from "../../src/platform/clock.ts";

/** Without a terminal, a line about as often. */
const lineEveryMs = 5_000;

/** Shows how far one part of the work is. */
export interface Progress {
  /** @param rows done since the last call */
  add(rows: number): void;
  /** It is done, or will not go on. */
  end(): void;
}

/** Where progress is shown: never where the answer is printed. */
export interface Screen extends NodeJS.WritableStream {
  readonly isTTY?: boolean;
}

/** A bar on a terminal, else a line every few seconds. @param total rows */
export function progressOf(screen: Screen, clock: Clock, part: string, total: number): Progress {
  return screen.isTTY === true ? barOf(screen, part, total) : linesOf(screen, clock, part, total);
}

function barOf(screen: Screen, part: string, total: number): Progress {
  const format = `${part} [{bar}] {percentage}% | {value} of {total} rows | {eta_formatted} left`;
  const bar = new SingleBar({ format, stream: screen, hideCursor: true, etaBuffer: 50 });
  bar.start(total, 0);
  return {
    add: (rows) => {
      bar.increment(rows);
    },
    end: () => {
      bar.stop();
    },
  };
}

function linesOf(screen: Screen, clock: Clock, part: string, total: number): Progress {
  let done = 0;
  let saidMs = clock.elapsedMs();
  const say = (): void => {
    screen.write(`${part}: ${done} of ${total} rows\n`);
    saidMs = clock.elapsedMs();
  };
  return {
    add: (rows) => {
      done += rows;
      if (clock.elapsedMs() - saidMs >= lineEveryMs) say();
    },
    end: say,
  };
}
