import { Type } from "typebox";
import { Value } from "typebox/value";

import { memoryOf } from "./cpu.ts";
import type { Bench } from "./round.ts";
import { type Service, settled, token } from "./service.ts";

/** What a service holds that has seen many merchants. */
export interface Memory {
  readonly merchants: number;
  readonly bytes: number;
  readonly highestBytes: number;
  /** Operations that were not answered with 200. */
  readonly refused: number;
}

export const merchantsTouched = 200_000;
const operationsMax = 1_000;
const callsAtOnce = 2;
const answerMaxMs = 10_000;
const batchSchema = Type.Object({ results: Type.Array(Type.Object({ status: Type.Integer() })) });

/** Touches every merchant once, in batches, and reads the resident memory when the tables have it all. */
export async function measureMemory(bench: Bench, service: Service): Promise<Memory> {
  bench.say(`touching ${merchantsTouched} merchants once`);
  let next = 0;
  let refused = 0;
  const caller = async (): Promise<void> => {
    while (next < merchantsTouched) {
      const first = next;
      next += operationsMax;
      refused += await refusedOf(service, first, bench.signal);
    }
  };
  await Promise.all(Array.from({ length: callsAtOnce }, caller));
  await settled(service, bench.signal);
  return { merchants: merchantsTouched, refused, ...memoryOf(service.pid) };
}

async function refusedOf(service: Service, first: number, signal: AbortSignal): Promise<number> {
  const operations = Array.from({ length: operationsMax }, (_, index) => ({
    op: "consume",
    merchant_id: `M-${first + index + 1}`,
    currency: "USD",
    order_no: `touch-${first + index}`,
    amount: 1,
  }));
  const response = await fetch(`${service.url}/api/v1/quotas/batch`, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
    body: JSON.stringify({ operations }),
    signal: AbortSignal.any([signal, AbortSignal.timeout(answerMaxMs)]),
  });
  const body: unknown = await response.json();
  if (!Value.Check(batchSchema, body)) throw new Error(`a batch was answered ${response.status}`);
  return operationsMax - body.results.filter(({ status }) => status === 200).length;
}
