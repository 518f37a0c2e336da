import type {
  CheckReply,
  CommandReply,
  ProblemReply,
  QuotaReply,
  ReservationReply,
} from "../wire/http-reply.ts";
import type { Body } from "./transport.ts";

type BigintNames<Reply> = {
  [Name in keyof Reply]-?: bigint extends Reply[Name] ? Name : never;
}[keyof Reply];

type TotalName =
  | BigintNames<CheckReply>
  | BigintNames<CommandReply>
  | BigintNames<QuotaReply>
  | BigintNames<ProblemReply>
  | BigintNames<ReservationReply["reservation"]>;

/** Every field of a reply that is a total. The compiler asks for each that the schemas have, and for no other. */
const totalNames: Readonly<Record<TotalName, true>> = {
  amount: true,
  daily_limit: true,
  daily_used: true,
  limit: true,
  max_pending_amount: true,
  max_refund_daily: true,
  max_refund_monthly: true,
  monthly_limit: true,
  monthly_used: true,
  pending_amount: true,
  refunded_month: true,
  refunded_today: true,
  remaining_daily: true,
  remaining_monthly: true,
  remaining_yearly: true,
  requested: true,
  reserved: true,
  reserved_amount: true,
  single_max: true,
  single_min: true,
  used: true,
  yearly_limit: true,
  yearly_used: true,
};

/** A whole string, and the whole number behind it where it is the name of one. */
const stringOrMember = /("(?:[^"\\]|\\.)*")(?:(\s*:\s*)(-?[0-9]+)(?![0-9.eE]))?/g;

/**
 * Reads a reply. `JSON.parse` alone would round totals over 2^53.
 * @returns totals as bigint, all else as JSON has it; null when the text is no JSON object
 */
export function readBody(text: string): Body | null {
  const quoted = text.replace(
    stringOrMember,
    (whole, name: string, colon: string | undefined, digits: string | undefined) =>
      colon !== undefined && digits !== undefined && Object.hasOwn(totalNames, name.slice(1, -1))
        ? `${name}${colon}"${digits}"`
        : whole,
  );
  try {
    const read: unknown = JSON.parse(quoted, (name, value: unknown) =>
      typeof value === "string" && Object.hasOwn(totalNames, name) && /^-?[0-9]+$/.test(value)
        ? BigInt(value)
        : value,
    );
    return isBody(read) ? read : null;
  } catch {
    return null;
  }
}

export function isBody(value: unknown): value is Body {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
