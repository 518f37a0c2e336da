import { setTimeout as wait } from "node:timers/promises";

import { Type } from "typebox";
import { Value } from "typebox/value";

import type { Ground } from "./ground.ts";
import { type Service, token } from "./service.ts";

const operationsMax = 1_000;
const callsAtOnce = 2;
const answerMaxMs = 30_000;
const batchSchema = Type.Object({ results: Type.Array(Type.Object({ status: Type.Integer() })) });

/** A busy service refuses before it has done anything, and is asked again; one that takes so long has lost its shards. */
const batchMaxMs = 30_000;
const pauseMs = 100;

interface Operation {
  readonly op: "consume";
  readonly merchant_id: string;
  readonly currency: "USD";
  readonly order_no: string;
  readonly amount: 1;
}

/**
 * One consume for each merchant from M-`from` up to and with M-`to`, in batches over HTTP; what is not answered with
 * 200 is sent again, the same.
 * @throws Error when something of a batch is not answered with 200 for half a minute
 */
export async function touch(
  { signal }: Pick<Ground, "signal">,
  service: Service,
  { name, from, to }: { readonly name: string; readonly from: number; readonly to: number },
): Promise<void> {
  let next = from;
  const caller = async (): Promise<void> => {
    while (next <= to) {
      const first = next;
      next += operationsMax;
      const count = Math.min(operationsMax, to - first + 1);
      let left: readonly Operation[] = Array.from({ length: count }, (_, index) => ({
        op: "consume",
        merchant_id: `M-${first + index}`,
        currency: "USD",
        order_no: `${name}-${first + index}`,
        amount: 1,
      }));
      const untilMs = performance.now() + batchMaxMs;
      for (;;) {
        left = await refusedOf(service, left, signal);
        if (left.length === 0) break;
        if (performance.now() > untilMs) {
          // The other caller need not go on either.
          next = to + 1;
          throw new Error(`${left.length} of ${count} consumes were refused for ${batchMaxMs} ms`);
        }
        await wait(pauseMs, undefined, { signal });
      }
    }
  };
  await Promise.all(Array.from({ length: callsAtOnce }, caller));
}

async function refusedOf(
  service: Service,
  operations: readonly Operation[],
  signal: AbortSignal,
): Promise<readonly Operation[]> {
  const response = await fetch(`${service.url}/api/v1/quotas/batch`, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
    body: JSON.stringify({ operations }),
    signal: AbortSignal.any([signal, AbortSignal.timeout(answerMaxMs)]),
  });
  const body: unknown = await response.json();
  if (!Value.Check(batchSchema, body)) throw new Error(`a batch was answered ${response.status}`);
  return operations.filter((_, index) => body.results[index]?.status !== 200);
}
