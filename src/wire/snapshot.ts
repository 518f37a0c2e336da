import { type Static, Type } from "typebox";
import { Compile } from "typebox/compile";

import { instant } from "../domain/instant.ts";
import { type Minor, minor } from "../domain/money.ts";
import { periodOf, perWindow, zoneOf } from "../domain/period.ts";
import type { Snapshot } from "../domain/snapshot.ts";
import { storedKey } from "./codec.ts";

/** The form of the text; nodes of another form read it as nothing. */
const form = 1;

const orNull = <T extends ReturnType<typeof Type.String | typeof Type.Integer>>(of: T) =>
  Type.Union([of, Type.Null()]);
const count = Type.Integer({ minimum: 0 });
/** Exact, in minor units. */
const amount = Type.String({ pattern: "^[0-9]{1,19}$" });
const amountOrNull = orNull(amount);
const text = Type.String();
const textOrNull = orNull(text);
const perWindowOf = <T extends Parameters<typeof Type.Array>[0]>(of: T) =>
  Type.Object({ daily: of, monthly: of, yearly: of });

const snapshotBody = Type.Object({
  form: Type.Literal(form),
  merchant_id: text,
  currency: text,
  windows: perWindowOf(
    Type.Object({
      period: text,
      used: amount,
      held: amount,
      count,
      refunded: amount,
      alerted: count,
    }),
  ),
  pending: amount,
  reserved: amount,
  suspension: Type.Union([Type.Null(), Type.Object({ at: count, reason: text, by: text })]),
  last_order_no: textOrNull,
  last_payment_no: textOrNull,
  last_updated_by: textOrNull,
  version: count,
  created_at: count,
  updated_at: count,
  limits: Type.Object({
    single_min: amountOrNull,
    single_max: amountOrNull,
    windows: perWindowOf(amountOrNull),
    counts: Type.Object({ daily: orNull(count), monthly: orNull(count) }),
    max_pending: amountOrNull,
    refunds: Type.Object({ daily: amountOrNull, monthly: amountOrNull }),
    zone: text,
    source: Type.Union([
      Type.Literal("policy"),
      Type.Literal("last_known"),
      Type.Literal("default"),
    ]),
    policy_version: textOrNull,
  }),
});
type SnapshotBody = Static<typeof snapshotBody>;
const check = Compile(snapshotBody);

/** A snapshot as it is kept outside, with amounts as exact text. */
export function snapshotText({ quota, limits }: Snapshot): string {
  const { suspension } = quota;
  const body: SnapshotBody = {
    form,
    merchant_id: quota.key.merchantId,
    currency: quota.key.currency,
    windows: perWindow((name) => {
      const { period, used, held, refunded, ...counts } = quota.windows[name];
      return {
        ...counts,
        period,
        used: String(used),
        held: String(held),
        refunded: String(refunded),
      };
    }),
    pending: String(quota.pending),
    reserved: String(quota.reserved),
    suspension: suspension && { ...suspension },
    last_order_no: quota.lastOrderNo,
    last_payment_no: quota.lastPaymentNo,
    last_updated_by: quota.lastUpdatedBy,
    version: quota.version,
    created_at: quota.createdAt,
    updated_at: quota.updatedAt,
    limits: {
      single_min: textOf(limits.singleMin),
      single_max: textOf(limits.singleMax),
      windows: perWindow((name) => textOf(limits.windows[name])),
      counts: limits.counts,
      max_pending: textOf(limits.maxPending),
      refunds: { daily: textOf(limits.refunds.daily), monthly: textOf(limits.refunds.monthly) },
      zone: limits.zone,
      source: limits.source,
      policy_version: limits.policyVersion,
    },
  };
  return JSON.stringify(body);
}

/** The inverse. @returns undefined for any other text */
export function snapshotFrom(kept: string): Snapshot | undefined {
  const body = parsed(kept);
  if (!check.Check(body)) return undefined;
  const zone = zoneOf(body.limits.zone);
  if (zone === undefined) return undefined;
  const { suspension, limits } = body;
  return {
    quota: {
      key: storedKey(body.merchant_id, body.currency),
      windows: perWindow((name) => {
        const { period, used, held, refunded, ...counts } = body.windows[name];
        return {
          ...counts,
          period: periodOf(period),
          used: amountOf(used),
          held: amountOf(held),
          refunded: amountOf(refunded),
        };
      }),
      pending: amountOf(body.pending),
      reserved: amountOf(body.reserved),
      suspension: suspension && { ...suspension, at: instant(suspension.at) },
      lastOrderNo: body.last_order_no,
      lastPaymentNo: body.last_payment_no,
      lastUpdatedBy: body.last_updated_by,
      version: body.version,
      createdAt: instant(body.created_at),
      updatedAt: instant(body.updated_at),
    },
    limits: {
      singleMin: amountOrNone(limits.single_min),
      singleMax: amountOrNone(limits.single_max),
      windows: perWindow((name) => amountOrNone(limits.windows[name])),
      counts: limits.counts,
      maxPending: amountOrNone(limits.max_pending),
      refunds: {
        daily: amountOrNone(limits.refunds.daily),
        monthly: amountOrNone(limits.refunds.monthly),
      },
      zone,
      source: limits.source,
      policyVersion: limits.policy_version,
    },
  };
}

function parsed(kept: string): unknown {
  try {
    return JSON.parse(kept);
  } catch {
    return undefined;
  }
}

function textOf(limit: Minor | null): string | null {
  return limit === null ? null : String(limit);
}

function amountOf(units: string): Minor {
  return minor(BigInt(units));
}

function amountOrNone(units: string | null): Minor | null {
  return units === null ? null : amountOf(units);
}
