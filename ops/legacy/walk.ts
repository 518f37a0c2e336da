import type { Image } from "../../shards/store/image.ts";
import type { Feed } from "./feed.ts";
import { PastKey, type Plan } from "./past-key.ts";
import type { LogImage } from "./past-log.ts";
import { limitsFrom, logFrom } from "./row.ts";
import type { Tally } from "./tally.ts";

/** What a merchant becomes; its log rows are given away while they are read, so that they are never held as a whole. */
export interface WalkedMerchant {
  readonly merchantId: string;
  readonly limitRows: number;
  readonly logRows: number;
  /** null = it has no limits row, or one that cannot be migrated: then its log alone is. */
  readonly key: { readonly quota: Image; readonly orders: readonly Image[] } | null;
}

/** Maps the next merchant of the feed; null = that was the last. What cannot be mapped is told to the tally. */
export async function walkMerchant(
  feed: Feed,
  plan: Plan,
  tally: Tally,
  takeLogs: (images: readonly LogImage[]) => Promise<void>,
): Promise<WalkedMerchant | null> {
  const merchant = await feed.next();
  if (merchant === null) return null;
  const { merchantId } = merchant;
  let past: PastKey | null = null;
  let logRows = 0;
  for (;;) {
    const rows = await feed.logs(merchantId);
    if (rows.length === 0) break;
    logRows += rows.length;
    const images: LogImage[] = [];
    for (const row of rows) {
      const log = logFrom(row);
      if (log.kind === "bad") {
        tally.badLog(row, log.reason);
        continue;
      }
      past ??= pastKey(plan, log.value.merchantId, tally);
      tally.log(log.value, plan.currency);
      images.push(past.log(log.value));
    }
    await takeLogs(images);
  }
  const walked = { merchantId, limitRows: merchant.limits ? 1 : 0, logRows };
  if (merchant.limits === null) {
    tally.odd("merchant_without_limits");
    return { ...walked, key: null };
  }
  const limits = limitsFrom(merchant.limits);
  if (limits.kind === "bad") {
    tally.bad({ table: "merchant_limits", id: merchantId, reason: limits.reason });
    return { ...walked, key: null };
  }
  past ??= pastKey(plan, limits.value.merchantId, tally);
  const key = past.rows(limits.value);
  tally.orders += key.orders.length;
  return { ...walked, key };
}

function pastKey(
  plan: Plan,
  merchantId: ConstructorParameters<typeof PastKey>[1],
  tally: Tally,
): PastKey {
  return new PastKey(plan, merchantId, (oddity) => {
    tally.odd(oddity);
  });
}
