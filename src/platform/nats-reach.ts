import type { Nats } from "./nats.ts";

/** The line on which edges of other processes reach this one. @param silentMaxMs longer without an answer is silence */
export function natsReach(
  nats: Pick<Nats, "connected" | "silentMs" | "askForLife">,
  silentMaxMs: number,
): { ask(): void; readonly isHeard: boolean } {
  return {
    ask: () => {
      nats.askForLife();
    },
    get isHeard() {
      return nats.connected && nats.silentMs < silentMaxMs;
    },
  };
}
