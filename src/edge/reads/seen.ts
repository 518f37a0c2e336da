import { type Currencies, type Currency, currencyOf } from "../../domain/currency.ts";
import { keyOf, merchantIdOf } from "../../domain/ids.ts";
import type { Session, Statement } from "../../platform/database.ts";
import type { FieldError } from "../../wire/http-check.ts";

/** What a caller has seen of a merchant: versions that its keys have reached, by currency. A list must not be older. */
export type Seen = ReadonlyMap<Currency, number>;

/** The versions of keys, the journal's tail included. */
export const versionsOfKeys: Statement = {
  name: "edge-versions-of-keys",
  text: `
    select currency, version
    from merchant_quotas_live
    where quota_key = any($1::text[])`,
};

/** What is wrong with a min_version that nobody can have been given. */
export const neverReached: FieldError = {
  field: "min_version",
  message: "names a version that the merchant's quota in that currency does not have",
};

/** Reads `USD:41,EUR:7`, whose form the schema has checked; of two versions of a currency the higher holds. */
export function seenOf(
  { min_version: text }: { readonly min_version?: string },
  currencies: Currencies,
):
  | { readonly kind: "seen"; readonly seen: Seen }
  | { readonly kind: "invalid"; readonly errors: readonly FieldError[] } {
  const seen = new Map<Currency, number>();
  for (const pair of text?.split(",") ?? []) {
    const [code = "", version] = pair.split(":");
    const currency = currencyOf(currencies, code);
    if (currency === undefined) {
      const message = `names ${code}, which is neither an ISO 4217 code nor one of EXTRA_CURRENCIES`;
      return { kind: "invalid", errors: [{ field: "min_version", message }] };
    }
    seen.set(currency, Math.max(seen.get(currency) ?? 0, Number(version)));
  }
  return { kind: "seen", seen };
}

/** Whether a store has all that was seen. */
export async function hasReached(
  session: Session,
  merchantId: string,
  seen: Seen,
): Promise<boolean> {
  const id = merchantIdOf(merchantId);
  if (id === undefined) return false;
  const keys = [...seen.keys()].map((currency) => keyOf(id, currency).text);
  const rows = await session.run(versionsOfKeys, [keys]);
  const versions = new Map(rows.map((row) => [row["currency"], Number(row["version"])]));
  return [...seen].every(([currency, version]) => (versions.get(currency) ?? 0) >= version);
}
