import type { Clock } from "./clock.ts";

/** Makes a text once for all who ask while it is made and for `maxAgeMs` after; a failure is not kept. */
export function sharedText(
  make: () => Promise<string>,
  clock: Clock,
  maxAgeMs: number,
): () => Promise<string> {
  let making: Promise<string> | undefined;
  let made: { readonly text: string; readonly atMs: number } | undefined;
  const remake = async (): Promise<string> => {
    try {
      const text = await make();
      made = { text, atMs: clock.elapsedMs() };
      return text;
    } finally {
      making = undefined;
    }
  };
  return () => {
    if (made && clock.elapsedMs() - made.atMs < maxAgeMs) return Promise.resolve(made.text);
    making ??= remake();
    return making;
  };
}
