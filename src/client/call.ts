import type { Static } from "typebox";

import type {
  cancelBody,
  checkBody,
  confirmBody,
  consumeBody,
  releaseBody,
  reserveBody,
  settleBody,
} from "../wire/http.ts";
import type { CheckReply, CommandReply, QuotaReply, ReservationReply } from "../wire/http-reply.ts";

/** A merchant in one currency. */
export interface KeyRequest {
  readonly merchant_id: string;
  readonly currency: string;
}

/** What each call on one key takes. Amounts are whole minor units, 1 … 2^53 - 1. */
export interface Requests {
  check: Static<typeof checkBody>;
  consume: Static<typeof consumeBody>;
  release: Static<typeof releaseBody>;
  reserve: Static<typeof reserveBody>;
  confirm: Static<typeof confirmBody>;
  cancel: Static<typeof cancelBody>;
  settle: Static<typeof settleBody>;
  get: KeyRequest;
}

/** What each call on one key answers. Totals may pass 2^53, so every total is a bigint, small ones too. */
export interface Replies {
  check: CheckReply;
  consume: CommandReply;
  release: CommandReply;
  reserve: ReservationReply;
  confirm: ReservationReply;
  cancel: ReservationReply;
  settle: CommandReply;
  get: QuotaReply;
}

export type OperationName = keyof Requests;
/** Those that a batch may hold: all but the read. */
export type BatchOperationName = Exclude<OperationName, "get">;

/** One operation of a batch: its name and the request that it has as a call of its own. */
export type BatchOperation = {
  [Name in BatchOperationName]: { readonly op: Name } & Requests[Name];
}[BatchOperationName];

/** What is asked, whatever carries it. */
export type Call =
  | { readonly kind: "key"; readonly op: OperationName; readonly request: KeyRequest }
  | { readonly kind: "batch"; readonly operations: readonly BatchOperation[] };
