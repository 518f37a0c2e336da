import { type Key, keyOf, merchantIdOf } from "../../domain/ids.ts";
import type { Standing } from "../../domain/outcome.ts";
import { standingAt } from "../../domain/snapshot.ts";
import type { Clock } from "../../platform/clock.ts";
import type { Session } from "../../platform/database.ts";
import type { SnapshotShare } from "../../platform/redis-snapshot.ts";
import type { Ask } from "../../wire/message.ts";
import { snapshotFrom, snapshotText } from "../../wire/snapshot.ts";
import { askMarked } from "../answer.ts";
import type { Mark } from "../mark.ts";
import { keysOfMerchant, listKeys } from "./keys.ts";
import type { Seen } from "./seen.ts";

/** Currencies of one merchant; there are no more. */
const currenciesMax = 1_000;

/** @returns undefined when a key has not reached the version that was seen of it: nobody can have seen that */
export type MerchantQuotas = (
  merchantId: string,
  seen: Seen,
  mark: Mark,
) => Promise<readonly Standing[] | undefined>;

/**
 * What stands in every currency of a merchant: from the shared snapshots if they are there and new enough; else which
 * currencies there are is read, what stands is asked of the owners, and the snapshots are filled with it.
 *
 * A currency that the caller has seen is asked for even where the list of them is too old to have it, so a list is
 * never older than what was seen.
 * @throws Fault when an owner does not answer
 */
export function createMerchantQuotas(options: {
  readonly ask: Ask;
  readonly listings: Session;
  /** null = there is no Redis. */
  readonly snapshots: SnapshotShare | null;
  readonly clock: Clock;
}): MerchantQuotas {
  const { ask, listings, snapshots, clock } = options;

  const standingOf = async (key: Key, mark: Mark): Promise<Standing> => {
    const outcome = await askMarked(ask, { kind: "get", key }, mark);
    if (outcome.kind !== "stands") throw new Error(`a question was answered ${outcome.kind}`);
    return outcome.standing;
  };

  const kept = async (share: SnapshotShare, merchantId: string, seen: Seen) => {
    const texts = await share.list(merchantId);
    if (texts === null) return undefined;
    const now = clock.now();
    const standings: Standing[] = [];
    for (const text of texts) {
      const snapshot = snapshotFrom(text);
      if (snapshot?.quota.key.merchantId !== merchantId) return undefined;
      standings.push(standingAt(snapshot, now));
    }
    return hasSeen(standings, seen) ? standings.toSorted(byKey) : undefined;
  };

  return async (merchantId, seen, mark) => {
    const shared = snapshots && (await kept(snapshots, merchantId, seen));
    if (shared) return shared;
    const startedMs = clock.elapsedMs();
    const listed = await listKeys(listings, keysOfMerchant(merchantId), currenciesMax);
    const keys = withSeen(merchantId, listed, seen);
    const standings = await Promise.all(keys.map((key) => standingOf(key, mark)));
    if (!hasSeen(standings, seen)) return undefined;
    void snapshots?.fill(merchantId, standings.map(sharedOf), clock.elapsedMs() - startedMs);
    return standings;
  };
}

function hasSeen(standings: readonly Standing[], seen: Seen): boolean {
  const versions = new Map(standings.map(({ quota }) => [quota.key.currency, quota.version]));
  return [...seen].every(([currency, version]) => (versions.get(currency) ?? 0) >= version);
}

function withSeen(merchantId: string, listed: readonly Key[], seen: Seen): readonly Key[] {
  const id = merchantIdOf(merchantId);
  if (id === undefined) return listed;
  const known = new Set(listed.map(({ currency }) => currency));
  const unlisted = [...seen.keys()].filter((currency) => !known.has(currency));
  const added = unlisted.map((currency) => keyOf(id, currency));
  return [...listed, ...added].toSorted((a, b) => (a.text < b.text ? -1 : 1));
}

function byKey(a: Standing, b: Standing): number {
  return a.quota.key.text < b.quota.key.text ? -1 : 1;
}

function sharedOf({ quota, limits }: Standing) {
  const { merchantId, currency } = quota.key;
  return { merchantId, currency, version: quota.version, text: snapshotText({ quota, limits }) };
}
