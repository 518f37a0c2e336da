import type { ClientTimer } from "../../src/client/timer.ts";
import type { QuotaReply } from "../../src/wire/http-reply.ts";
import type { Ask } from "./ask.ts";
import type { Driver } from "./driver.ts";
import type { Ledger } from "./ledger.ts";

/** A service that was killed may be away for a while; what is still open then stays open. */
export const settleMaxMs = 60_000;
const pauseMs = 250;
const atOnceMax = 16;
const shortestDayMs = 23 * 3_600_000;

/** What stands of what was acknowledged. */
export interface Settled {
  /** Outcomes that were unknown at the end of the load. */
  readonly unknown: number;
  /** Of them: counted, not counted, and still unknown. */
  readonly applied: number;
  readonly refused: number;
  readonly open: number;
  readonly merchants: number;
  readonly unread: readonly string[];
  /** Merchants whose sum is another than acknowledged. */
  readonly wrong: readonly Difference[];
}

export interface Difference {
  readonly merchantId: string;
  readonly acknowledged: bigint;
  readonly counted: bigint;
}

/** What settling is made of. */
export interface Settling {
  readonly driver: Driver;
  readonly ledger: Ledger;
  readonly timer: ClientTimer;
  /** When the load began, milliseconds since 1970. */
  readonly beganAt: number;
}

/** Whether counted equals acknowledged, of every merchant, with nothing left open. */
export function isSettled({ open, unread, wrong }: Settled): boolean {
  return open === 0 && unread.length === 0 && wrong.length === 0;
}

/**
 * Sends every change whose outcome is unknown again, the same, until the service says what became of it; then holds what
 * each merchant has used against what was acknowledged. Both within `settleMaxMs`.
 */
export async function settle(settling: Settling): Promise<Settled> {
  const { ledger, timer } = settling;
  const untilMs = timer.elapsedMs() + settleMaxMs;
  const told = await settleOpen(settling, untilMs);
  const { merchants } = ledger;
  const wrong: Difference[] = [];
  const unread = await untilNoneIsLeft(merchants, { timer, untilMs }, async (merchantId) => {
    const reply = await settling.driver.read(merchantId);
    if (reply === null) return false;
    const acknowledged = ledger.takenBy(merchantId);
    const counted = countedBy(reply, settling.beganAt);
    if (counted !== acknowledged) wrong.push({ merchantId, acknowledged, counted });
    return true;
  });
  return { ...told, merchants: merchants.length, unread, wrong };
}

async function settleOpen(
  { driver, ledger, timer }: Settling,
  untilMs: number,
): Promise<Pick<Settled, "unknown" | "applied" | "refused" | "open">> {
  const { open } = ledger;
  let applied = 0;
  let refused = 0;
  const left = await untilNoneIsLeft(open, { timer, untilMs }, async (ask: Ask) => {
    const [met] = await driver.send([ask]);
    // Only a decision on this very number says what the first sending did.
    if (met?.isDecided !== true) return false;
    ledger.note(ask, met.outcome);
    if (met.outcome === "applied") applied += 1;
    else refused += 1;
    return true;
  });
  return { unknown: open.length, applied, refused, open: left.length };
}

/**
 * The merchant is the run's own, so the day's sum is all that it ever took; where the day may have begun within the run,
 * the year's is.
 */
function countedBy(reply: QuotaReply, beganAt: number): bigint {
  const dayBeganBy = Date.parse(reply.daily_reset_at) - shortestDayMs;
  return beganAt < dayBeganBy ? reply.yearly_used : reply.daily_used;
}

/** Tries each, some at a time, and again those that are not done. @returns those that were not done in time */
async function untilNoneIsLeft<Item>(
  items: readonly Item[],
  { timer, untilMs }: { readonly timer: ClientTimer; readonly untilMs: number },
  attempt: (item: Item) => Promise<boolean>,
): Promise<readonly Item[]> {
  let left = items;
  while (left.length > 0 && timer.elapsedMs() < untilMs) {
    const again: Item[] = [];
    for (let from = 0; from < left.length; from += atOnceMax) {
      const some = left.slice(from, from + atOnceMax);
      const isDone = await Promise.all(some.map(attempt));
      again.push(...some.filter((_, index) => isDone[index] !== true));
      if (timer.elapsedMs() >= untilMs) {
        again.push(...left.slice(from + atOnceMax));
        break;
      }
    }
    left = again;
    if (left.length === 0) break;
    await new Promise<void>((resolve) => {
      timer.after(pauseMs, resolve);
    });
  }
  return left;
}
