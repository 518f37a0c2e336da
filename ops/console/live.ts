import type { Api } from "./api.ts";
import type { Beat } from "./reply.ts";

/** Waits before the stream is asked for again, doubled each time up to the longest. */
const againMs = { first: 500, longest: 8_000 } as const;

/**
 * Reads the live stream until it is told to stop, asking again whenever it ends.
 * @param onBeat null = the stream was lost, and is being asked for again
 */
export function watchLive(api: Api, onBeat: (beat: Beat | null) => void): () => void {
  const stopping = new AbortController();
  const { signal } = stopping;
  const run = async (): Promise<void> => {
    let waitMs: number = againMs.first;
    const isOver = (): boolean => signal.aborted;
    while (!isOver()) {
      try {
        for await (const beat of beatsOf(await api.live(signal))) {
          waitMs = againMs.first;
          onBeat(beat);
        }
      } catch {
        if (!isOver()) onBeat(null);
        waitMs = Math.min(waitMs * 2, againMs.longest);
      }
      await pause(waitMs, signal);
    }
  };
  void run();
  return () => {
    stopping.abort("the page looks elsewhere");
  };
}

async function* beatsOf(stream: ReadableStream<Uint8Array<ArrayBuffer>>): AsyncGenerator<Beat> {
  const reader = stream.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    const events = (text + value).split("\n\n");
    text = events.pop() ?? "";
    for (const event of events) {
      const data = /^data: (.*)$/m.exec(event)?.[1];
      if (data !== undefined) yield JSON.parse(data) as Beat;
    }
  }
}

function pause(delayMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      resolve();
    };
    const timer = setTimeout(done, delayMs);
    signal.addEventListener("abort", done, { once: true });
  });
}
