import type { FastifyRequest } from "fastify";

import { type MerchantId, merchantIdOf } from "../domain/ids.ts";

/** Whose request it is, as far as its path or body says so: for the log, also where nothing has been checked yet. */
export function merchantAsked(request: Pick<FastifyRequest, "params" | "body">): MerchantId | null {
  for (const part of [request.params, request.body]) {
    if (typeof part !== "object" || part === null || !("merchant_id" in part)) continue;
    const { merchant_id: given } = part;
    if (typeof given === "string") return merchantIdOf(given) ?? null;
  }
  return null;
}
