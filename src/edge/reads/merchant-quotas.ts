import { type Key, keyOf, merchantIdOf } from "../../domain/ids.ts";
import type { Standing } from "../../domain/outcome.ts";
import type { Session } from "../../platform/database.ts";
import type { Ask } from "../../wire/message.ts";
import { askMarked } from "../answer.ts";
import type { Mark } from "../mark.ts";
import { keysOfMerchant, listKeys } from "./keys.ts";
import type { Seen } from "./seen.ts";

/** Currencies of one merchant; there are no more. */
const currenciesMax = 1_000;

/**
 * What stands in every currency of a merchant: which currencies there are is read, what stands is asked of the owners.
 *
 * A currency that the caller has seen is asked for even where the list of them is too old to have it, so a list is
 * never older than what was seen.
 * @returns undefined when a key has not reached the version that was seen of it: nobody can have seen that
 * @throws Fault when an owner does not answer
 */
export function createMerchantQuotas(options: {
  readonly ask: Ask;
  readonly listings: Session;
}): (merchantId: string, seen: Seen, mark: Mark) => Promise<readonly Standing[] | undefined> {
  const { ask, listings } = options;
  const standingOf = async (key: Key, mark: Mark): Promise<Standing> => {
    const outcome = await askMarked(ask, { kind: "get", key }, mark);
    if (outcome.kind !== "stands") throw new Error(`a question was answered ${outcome.kind}`);
    return outcome.standing;
  };
  return async (merchantId, seen, mark) => {
    const listed = await listKeys(listings, keysOfMerchant(merchantId), currenciesMax);
    const keys = withSeen(merchantId, listed, seen);
    const standings = await Promise.all(keys.map((key) => standingOf(key, mark)));
    const isReached = standings.every(
      ({ quota }) => quota.version >= (seen.get(quota.key.currency) ?? 0),
    );
    return isReached ? standings : undefined;
  };
}

/** In the order of the currencies. */
function withSeen(merchantId: string, listed: readonly Key[], seen: Seen): readonly Key[] {
  const id = merchantIdOf(merchantId);
  if (id === undefined) return listed;
  const known = new Set(listed.map(({ currency }) => currency));
  const unlisted = [...seen.keys()].filter((currency) => !known.has(currency));
  const added = unlisted.map((currency) => keyOf(id, currency));
  return [...listed, ...added].toSorted((a, b) => (a.text < b.text ? -1 : 1));
}
