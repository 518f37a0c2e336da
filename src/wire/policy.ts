import { type Static, Type } from "typebox";
import { Compile } from "typebox/compile";

import type { Policy } from "../domain/limits.ts";
import { amountMax, least, type Minor, totalMax } from "../domain/money.ts";
import { type Zone, zoneOf } from "../domain/period.ts";
import { dataOf, shown } from "./envelope.ts";
import { Fault } from "./fault.ts";
import { isRecord } from "./record.ts";

/** Who answers: for messages. */
const from = "policy service";

/**
 * A limit as it may be written; null is no such limit. Text is exact. A number over 2^53 was rounded by JSON's own
 * reading; 2^63 is what the largest bigint, the platform's "as much as you like", becomes in it.
 */
const limitField = Type.Union([
  Type.Null(),
  Type.Integer({ minimum: 0, maximum: 2 ** 63 }),
  Type.String({ pattern: "^[0-9]{1,19}$" }),
]);
const limit = Type.Optional(limitField);

/** What the policy service says of a key, in both of its dialects; and how a policy is kept, with exact text throughout. */
const policyBody = Type.Object({
  single_max: limit,
  single_trans_max: limit,
  single_min: limit,
  single_trans_min: limit,
  daily_limit: limit,
  monthly_limit: limit,
  yearly_limit: limit,
  max_pending_amount: limit,
  max_refund_daily: limit,
  max_refund_monthly: limit,
  max_transactions_daily: limit,
  max_transactions_monthly: limit,
  timezone: Type.Optional(Type.Union([Type.Null(), Type.String()])),
  version: Type.Optional(
    Type.Union([Type.Null(), Type.Number(), Type.String({ pattern: "^[ -~]{0,128}$" })]),
  ),
});

type PolicyBody = Static<typeof policyBody>;
type LimitField = Static<typeof limitField> | undefined;

const policyCheck = Compile(policyBody);
const limitNames = Object.keys(policyBody.properties).filter(
  (name) => name !== "timezone" && name !== "version",
);

/**
 * The policy in an answer of the policy service, flat or in an envelope.
 *
 * Missing and null are no such limit. So is 0 for the least amount, pending and refunds, where the platform means
 * "none" by it; for every other limit 0 is a limit of nothing, and no order passes. A least amount over the most of
 * one order is kept as it is: it is a policy under which no order passes either.
 *
 * An answer that is wrong anywhere is refused whole, since half of a merchant's limits could let it pass the rest; so
 * is one that names no limit at all, which is somebody else's answer and would lift every limit.
 * @throws Fault SHARD_UNAVAILABLE whose message names the field: nothing happened
 */
export function policyFrom(body: unknown): Policy {
  const data = dataOf(body, from);
  if (!policyCheck.Check(data)) throw refused(wrongField(data));
  if (!limitNames.some((name) => Object.hasOwn(data, name))) throw refused("it names no limit");
  return {
    singleMin: amountOrNone(data.single_trans_min ?? data.single_min),
    singleMax: amount(data.single_max ?? data.single_trans_max),
    windows: {
      daily: amount(data.daily_limit),
      monthly: amount(data.monthly_limit),
      yearly: amount(data.yearly_limit),
    },
    counts: {
      daily: count(data.max_transactions_daily),
      monthly: count(data.max_transactions_monthly),
    },
    maxPending: amountOrNone(data.max_pending_amount),
    refunds: {
      daily: amountOrNone(data.max_refund_daily),
      monthly: amountOrNone(data.max_refund_monthly),
    },
    zone: zoneIn(data.timezone),
    policyVersion: textOrNull(data.version),
  };
}

/** The text in which a policy is kept: the flat answer that `policyFrom` reads, amounts as exact text. */
export function storedPolicy(policy: Policy): string {
  const body: PolicyBody = {
    single_max: stored(policy.singleMax),
    single_trans_min: stored(policy.singleMin),
    daily_limit: stored(policy.windows.daily),
    monthly_limit: stored(policy.windows.monthly),
    yearly_limit: stored(policy.windows.yearly),
    max_pending_amount: stored(policy.maxPending),
    max_refund_daily: stored(policy.refunds.daily),
    max_refund_monthly: stored(policy.refunds.monthly),
    max_transactions_daily: stored(policy.counts.daily),
    max_transactions_monthly: stored(policy.counts.monthly),
    timezone: policy.zone,
    version: policy.policyVersion,
  };
  return JSON.stringify(body);
}

/** @returns null when the text is not a policy that can be used; what is kept can be fetched again */
export function policyFromStored(text: string): Policy | null {
  try {
    return policyFrom(JSON.parse(text));
  } catch {
    return null;
  }
}

/** No total passes `totalMax`, so that a higher limit is the same limit. */
function amount(field: LimitField): Minor | null {
  if (field === undefined || field === null) return null;
  return least(BigInt(field), totalMax);
}

function amountOrNone(field: LimitField): Minor | null {
  const read = amount(field);
  return read === 0n ? null : read;
}

/** Orders are counted far below 2^53. */
function count(field: LimitField): number | null {
  const read = amount(field);
  return read === null ? null : Number(least(read, amountMax));
}

function zoneIn(field: PolicyBody["timezone"]): Zone | null {
  if (field === undefined || field === null || field === "") return null;
  const zone = zoneOf(field);
  if (zone === undefined) throw refused(`timezone is ${shown(field)}, which is no IANA time zone`);
  return zone;
}

function textOrNull(field: PolicyBody["version"]): string | null {
  if (field === undefined || field === null || field === "") return null;
  return String(field);
}

function stored(units: bigint | number | null): string | null {
  return units === null ? null : String(units);
}

function wrongField(data: unknown): string {
  const [first] = policyCheck.Errors(data);
  const name = first?.instancePath.slice(1) ?? "";
  if (!isRecord(data) || name === "") return `it is ${shown(data)}, not an object`;
  const must = limitNames.includes(name) ? "a whole number from 0 to 2^63 - 1" : "a short text";
  return `${name} is ${shown(data[name])}, not ${must}`;
}

function refused(why: string): Fault {
  return new Fault("SHARD_UNAVAILABLE", `the ${from}'s answer cannot be used: ${why}`);
}
