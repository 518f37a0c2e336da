import type { Key } from "../../domain/ids.ts";
import type { Session, Statement } from "../../platform/database.ts";
import { storedKey } from "../../wire/codec.ts";

/** The keys that were ever used, in the order of their names: a part of that order, `limit` at most. */
export const keysBetween: Statement = {
  name: "edge-keys-between",
  text: `
    select merchant_id, currency
    from merchant_quotas_live
    where quota_key > $1 and quota_key < $2
    order by quota_key
    limit $3::integer`,
};

/** Keys whose name (merchant, space, currency) lies between two texts, both exclusive. */
export interface KeyRange {
  readonly above: string;
  readonly below: string;
}

/** Every key: `~` is above all that a merchant id is made of. */
export const allKeys: KeyRange = { above: "", below: "~" };

/** The keys of one merchant: `!` is the character after the space. */
export function keysOfMerchant(merchantId: string): KeyRange {
  return { above: `${merchantId} `, below: `${merchantId}!` };
}

export async function listKeys(
  reads: Session,
  { above, below }: KeyRange,
  keysMax: number,
): Promise<readonly Key[]> {
  const rows = await reads.run(keysBetween, [above, below, keysMax]);
  return rows.map(({ merchant_id: merchantId, currency }) =>
    storedKey(String(merchantId), String(currency)),
  );
}
