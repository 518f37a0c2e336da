import { setTimeout as wait } from "node:timers/promises";

import { Latency } from "../load/latency.ts";
import { HttpLine, liveText } from "./http-line.ts";
import type { Phase, PhaseResult } from "./http-plan.ts";

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

/**
 * Sends a phase's questions, and waits for what is on its way at its end. Each latency counts from the time at which the
 * question was to be sent, so that a stall shows as long as it was, of the service as of this load (no coordinated
 * omission).
 */
export async function runPhase(
  asking: Asking,
  { seconds, ratePerSecond, linesMax, whenBusy }: Phase,
): Promise<PhaseResult> {
  const lines = new Set<HttpLine>();
  const idle: HttpLine[] = [];
  const statuses: Record<string, number> = {};
  const served: number[] = Array.from({ length: seconds }, () => 0);
  const servedMs = new Latency();
  const refusedMs = new Latency();
  const sendingMs = new Latency();
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
    Array.from({ length: linesMax }, async () => {
      const line = open();
      await new Promise<void>((resolve) => {
        line.ask(liveText, performance.now(), () => {
          resolve();
        });
      });
      idle.push(line);
    }),
  );
  const cpuBefore = process.cpuUsage();
  const startMs = performance.now();
  const endMs = startMs + seconds * 1_000;
  const ask = (line: HttpLine, intendedMs: number): void => {
    const { text, told } = asking.next();
    sent += 1;
    const sentMs = performance.now();
    sendingMs.record(sentMs - intendedMs);
    line.ask(text, sentMs, (status) => {
      told(status);
      const nowMs = performance.now();
      if (status === null) {
        lost += 1;
        return;
      }
      statuses[status] = (statuses[status] ?? 0) + 1;
      const second = Math.floor((nowMs - startMs) / 1_000);
      if (status === 200) {
        servedMs.record(nowMs - intendedMs);
        if (second < served.length) served[second] = (served[second] ?? 0) + 1;
      } else if (status === 503) refusedMs.record(nowMs - intendedMs);
      if (ratePerSecond === null && nowMs < endMs) ask(line, nowMs);
      else idle.push(line);
    });
  };
  const hangUp = (nowMs: number): void => {
    for (const line of lines) if (line.isBusy && nowMs - line.sentMs > patienceMs) line.close();
  };

  if (ratePerSecond === null) {
    for (const line of idle.splice(0)) ask(line, startMs);
  }
  const perMs = (ratePerSecond ?? 0) / 1_000;
  const dueInAll = Math.floor(perMs * seconds * 1_000);
  let dueSoFar = 0;
  let checkedMs = startMs;
  for (
    let nowMs = startMs;
    nowMs < endMs || (whenBusy === "late" && dueSoFar < dueInAll);
    nowMs = performance.now()
  ) {
    const due = Math.min(dueInAll, Math.floor(perMs * (nowMs - startMs)));
    while (dueSoFar < due) {
      const line = idle.shift() ?? (lines.size < linesMax ? open() : undefined);
      if (!line && whenBusy === "late") break;
      dueSoFar += 1;
      if (line) ask(line, startMs + dueSoFar / perMs);
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
  const cpu = process.cpuUsage(cpuBefore);
  for (const line of lines) line.close();
  return {
    ...{ tookSeconds, sent, unsent, lost, statuses, served },
    servedMs: servedMs.summary(),
    refusedMs: refusedMs.summary(),
    sendingMs: sendingMs.summary(),
    loadCpuUs: (cpu.user + cpu.system) / sent,
  };
}
