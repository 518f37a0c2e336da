import type { Key, KeyText } from "../src/domain/ids.ts";
import type { Order } from "../src/domain/order.ts";
import { Fault, faultOf } from "../src/wire/fault.ts";
import type { Found, Lookup } from "./ports.ts";
import type { Waiting } from "./waiting.ts";

/** Commands in one round of look-up and turns. */
export const roundMax = 500;

/** What the turns of a round may rely on: whatever they need was in memory or looked up when it was gathered. */
export interface Round {
  readonly due: readonly Waiting[];
  readonly coldKeys: ReadonlyMap<KeyText, Key>;
  /** Orders in memory at gathering: kept for the round, the shelf may let them go meanwhile. */
  readonly orders: ReadonlyMap<string, Order | undefined>;
  found: Found;
}

export const nothingFound: Found = { keys: new Map(), orders: new Map(), limits: new Map() };

/** What the round's turns need and memory does not have; nothing is asked when it has all. */
export function fetchFor({ coldKeys, orders }: Round, lookup: Lookup): Promise<Found> | Found {
  const unknownOrders: string[] = [];
  for (const [orderKey, order] of orders) if (!order) unknownOrders.push(orderKey);
  if (coldKeys.size === 0 && unknownOrders.length === 0) return nothingFound;
  return lookup.find([...coldKeys.values()], unknownOrders);
}

/** A look-up changes nothing: whatever became of it, the request was not begun. */
export function nothingHappened(error: unknown): Fault {
  const fault = faultOf(error);
  if (fault.code === "INTERNAL") return fault;
  return new Fault("SHARD_UNAVAILABLE", "the store cannot be read", { cause: fault });
}
