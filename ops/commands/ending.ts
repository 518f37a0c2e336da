/** How quotactl ends, for scripts; `quotactl --help` says the same. */
export const exitCode = {
  done: 0,
  failed: 1,
  usedWrongly: 2,
  refused: 3,
  unfinished: 4,
  occupied: 5,
  /** 128 and the number of SIGPIPE, as shells say it. */
  unread: 141,
} as const;

/** A command that ends otherwise than done, and why. */
export class Ending extends Error {
  readonly exitCode: number;

  constructor(code: Exclude<keyof typeof exitCode, "done" | "unread">, message: string) {
    super(message);
    this.exitCode = exitCode[code];
  }
}

/** It is not there, or it is not done as it was asked: nothing was changed. */
export function refused(message: string): Ending {
  return new Ending("refused", message);
}
