import closeWithGrace from "close-with-grace";

/** A close that takes longer is cut off: what is then unanswered has no promise. */
const closeMaxMs = 20_000;

/** Why the process ends; neither = it was asked to from inside. */
export interface Ending {
  readonly signal?: string | undefined;
  readonly error?: Error | undefined;
}

/**
 * Runs `close` once, when a signal or an error that nobody caught ends the process.
 * @returns ends the process as a signal would
 */
export function onEnding(close: (ending: Ending) => Promise<void>): () => void {
  const ending = closeWithGrace({ delay: closeMaxMs }, async ({ signal, err }) => {
    await close({ signal, error: err });
  });
  return () => {
    ending.close();
  };
}
