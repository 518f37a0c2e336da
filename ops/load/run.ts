import type { ClientTimer } from "../../src/client/timer.ts";
import type { Driver } from "./driver.ts";
import type { Ledger } from "./ledger.ts";
import type { Plan } from "./plan.ts";
import type { Profile } from "./profile.ts";
import type { Tally } from "./tally.ts";

const closedPauseMs = 50; // or clients that are refused a connection would do nothing else

/** What a run is made of. */
export interface Run {
  readonly plan: Plan;
  readonly driver: Driver;
  readonly profile: Profile;
  readonly ledger: Ledger;
  readonly tally: Tally;
  readonly timer: ClientTimer;
  /** Ends the run early. */
  readonly signal: AbortSignal;
}

/** How a run went. */
export interface Ran {
  /** From the first call to the last answer. */
  readonly tookMs: number;
  /** Calls whose time had come and that were never sent: as many as may be were waiting all the time. */
  readonly unsent: number;
}

/**
 * Sends the calls of a plan.
 *
 * Open loop: call `n` is due at `n / rate`, whatever became of those before, and its latency counts from then. A call
 * that has to wait because `clients` are on their way is not forgotten but late, so a stall of the service shows as long
 * as it was (no coordinated omission). Closed loop: a call is due as soon as another is answered, or a moment later where
 * nothing was done, as a client would wait.
 */
export function runLoad(run: Run): Promise<Ran> {
  const { plan, timer, signal } = run;
  const startMs = timer.elapsedMs();
  const lastMs = plan.seconds * 1_000;
  const intervalMs = plan.ratePerSecond === null ? null : 1_000 / plan.ratePerSecond;
  let sent = 0;
  let onTheirWay = 0;
  let cancelWake: (() => void) | null = null;

  const elapsed = (): number => timer.elapsedMs() - startMs;
  const due = (): number => {
    if (intervalMs === null) return plan.callsMax;
    const untilMs = Math.min(elapsed(), lastMs - intervalMs);
    return Math.min(plan.callsMax, Math.floor(untilMs / intervalMs) + 1);
  };
  const isOver = (): boolean => signal.aborted || elapsed() >= lastMs || sent >= plan.callsMax;

  return new Promise((resolve, reject) => {
    const answered = (): void => {
      onTheirWay -= 1;
      pump();
    };
    const wake = (): void => {
      cancelWake = null;
      pump();
    };
    /** Sends what is due, as far as there is room, and waits for the next. */
    const pump = (): void => {
      if (isOver()) {
        cancelWake?.();
        cancelWake = null;
        if (onTheirWay > 0) return;
        signal.removeEventListener("abort", pump);
        const unsent = intervalMs === null || signal.aborted ? 0 : Math.max(0, due() - sent);
        resolve({ tookMs: elapsed(), unsent });
        return;
      }
      for (let left = due() - sent; left > 0 && onTheirWay < plan.clients; left -= 1) {
        const intendedMs = intervalMs === null ? elapsed() : sent * intervalMs;
        sent += 1;
        onTheirWay += 1;
        void sendOne(run, startMs + intendedMs).then(answered, reject);
      }
      const nextMs = intervalMs === null ? lastMs : Math.min(sent * intervalMs, lastMs);
      cancelWake ??= timer.after(Math.max(1, nextMs - elapsed()), wake);
    };
    signal.addEventListener("abort", pump);
    pump();
  });
}

async function sendOne(
  { plan, driver, profile, ledger, tally, timer }: Run,
  intendedMs: number,
): Promise<void> {
  const asks = profile.next();
  const sentMs = timer.elapsedMs();
  const mets = await driver.send(asks);
  const nowMs = timer.elapsedMs();
  tally.add(mets, nowMs - intendedMs, nowMs - sentMs);
  for (const [index, ask] of asks.entries()) {
    const outcome = mets[index]?.outcome ?? "unknown";
    ledger.note(ask, outcome);
    if (outcome === "applied") profile.applied(ask);
  }
  if (plan.ratePerSecond === null && mets.every(({ isDecided }) => !isDecided)) {
    await new Promise<void>((resolve) => {
      timer.after(closedPauseMs, resolve);
    });
  }
}
