import type { Ask } from "../../ops/load/ask.ts";
import type { Driver, Met } from "../../ops/load/driver.ts";
import type { QuotaReply } from "../../src/wire/http-reply.ts";

export const applied: Met = { outcome: "applied", code: null, isDecided: true };
export const lost: Met = { outcome: "unknown", code: "OUTCOME_UNKNOWN", isDecided: false };
export const away: Met = { outcome: "refused", code: "SHARD_UNAVAILABLE", isDecided: false };
export const full: Met = { outcome: "refused", code: "DAILY_LIMIT_EXCEEDED", isDecided: true };

/** A service that meets each operation as the test says, and has used what the test says. */
export function fakeDriver(options: {
  readonly meet: (ask: Ask) => Met | Promise<Met>;
  readonly used?: (merchantId: string) => bigint | null;
}): Driver {
  return {
    send: (asks) => Promise.all(asks.map((ask) => Promise.resolve(options.meet(ask)))),
    read: (merchantId) => {
      const used = options.used?.(merchantId) ?? null;
      return Promise.resolve(used === null ? null : replyOf(used));
    },
    close: () => Promise.resolve(),
  };
}

/** Of a day that ends far from any test's. */
function replyOf(used: bigint): QuotaReply {
  const known: Partial<QuotaReply> = {
    daily_used: used,
    yearly_used: used,
    daily_reset_at: "1970-01-01T12:00:00.000Z",
  };
  return known as QuotaReply;
}
