import { setTimeout as wait } from "node:timers/promises";

import { Latency, type LatencySummary } from "../load/latency.ts";
import { HttpLine, liveText } from "./http-line.ts";

/** A while of one load. */
export interface Phase {
  readonly name: string;
  readonly seconds: number;
  /** Questions a second, each at its time whatever became of those before; null = each line asks when it was answered. */
  readonly ratePerSecond: number | null;
  /** Connections, each with one question at a time. */
  readonly linesMax: number;
}

/** What a phase met. */
export interface PhaseResult {
  readonly name: string;
  readonly tookSeconds: number;
  readonly sent: number;
  /** Their time came while every line waited for an answer. */
  readonly unsent: number;
  /** The caller hung up, or the connection was lost. */
  readonly lost: number;
  readonly statuses: Readonly<Record<string, number>>;
  /** Answers with 200 in each second. */
  readonly served: readonly number[];
  /** From the sending, of answers with 200. */
  readonly servedMs: LatencySummary;
  /** From the sending, of answers with 503. */
  readonly refusedMs: LatencySummary;
}

/** What is asked. */
export interface Asking {
  readonly port: number;
  /** The next question, and who is told what became of it; null = nobody knows. */
  next(): { readonly text: string; readonly told: (status: number | null) => void };
}

/** A caller that is not answered by then hangs up. */
const patienceMs = 2_000;
const tickMs = 1;
const patienceCheckMs = 50;

/** Sends a phase's questions, and waits for what is on its way at its end. */
export async function runPhase(asking: Asking, phase: Phase): Promise<PhaseResult> {
  const lines = new Set<HttpLine>();
  const idle: HttpLine[] = [];
  const statuses: Record<string, number> = {};
  const served: number[] = Array.from({ length: phase.seconds }, () => 0);
  const servedMs = new Latency();
  const refusedMs = new Latency();
  let sent = 0;
  let unsent = 0;
  let lost = 0;

  const open = (): HttpLine => {
    const line = new HttpLine(asking.port, () => {
      lines.delete(line);
      const index = idle.indexOf(line);
      if (index >= 0) idle.splice(index, 1);
    });
    lines.add(line);
    return line;
  };
  // A pool of callers is there before a load comes. Each line is used once: Node takes one connection a turn of its loop.
  await Promise.all(
    Array.from({ length: phase.linesMax }, async () => {
      const line = open();
      await new Promise<void>((resolve) => {
        line.ask(liveText, performance.now(), () => {
          resolve();
        });
      });
      idle.push(line);
    }),
  );
  const startMs = performance.now();
  const endMs = startMs + phase.seconds * 1_000;
  const ask = (line: HttpLine): void => {
    const { text, told } = asking.next();
    sent += 1;
    line.ask(text, performance.now(), (status) => {
      told(status);
      const nowMs = performance.now();
      if (status === null) {
        lost += 1;
        return;
      }
      statuses[status] = (statuses[status] ?? 0) + 1;
      const second = Math.floor((nowMs - startMs) / 1_000);
      if (status === 200) {
        servedMs.record(nowMs - line.sentMs);
        if (second < served.length) served[second] = (served[second] ?? 0) + 1;
      } else if (status === 503) refusedMs.record(nowMs - line.sentMs);
      if (phase.ratePerSecond === null && nowMs < endMs) ask(line);
      else idle.push(line);
    });
  };
  const hangUp = (nowMs: number): void => {
    for (const line of lines) if (line.isBusy && nowMs - line.sentMs > patienceMs) line.close();
  };

  if (phase.ratePerSecond === null) {
    for (const line of idle.splice(0)) ask(line);
  }
  let dueSoFar = 0;
  let checkedMs = startMs;
  for (let nowMs = startMs; nowMs < endMs; nowMs = performance.now()) {
    const due = Math.floor(((phase.ratePerSecond ?? 0) * (nowMs - startMs)) / 1_000);
    for (; dueSoFar < due; dueSoFar += 1) {
      const line = idle.shift() ?? (lines.size < phase.linesMax ? open() : undefined);
      if (line) ask(line);
      else unsent += 1;
    }
    if (nowMs - checkedMs > patienceCheckMs) {
      checkedMs = nowMs;
      hangUp(nowMs);
    }
    await wait(tickMs);
  }
  const tookSeconds = (performance.now() - startMs) / 1_000;
  while ([...lines].some(({ isBusy }) => isBusy)) {
    hangUp(performance.now());
    await wait(patienceCheckMs);
  }
  for (const line of lines) line.close();
  return {
    ...{ name: phase.name, tookSeconds, sent, unsent, lost, statuses, served },
    servedMs: servedMs.summary(),
    refusedMs: refusedMs.summary(),
  };
}
