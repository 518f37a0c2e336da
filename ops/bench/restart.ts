import { setTimeout as wait } from "node:timers/promises";

import type { PostgresAddress } from "../../test/support/services-address.ts";
import { merchantsTouched } from "./memory.ts";
import type { Bench } from "./round.ts";
import { metricsOf, type Service, startService } from "./service.ts";
import { loadWith } from "./wrk.ts";

/** One kill -9 under load, and the start after it. */
export interface Restart {
  readonly readyAfterMs: number;
  /** What the killed process had made durable of this load. */
  readonly facts: number;
}

const connections = 16;
const loadMs = 2_000;
/** The load ends with the kill; this only bounds it. */
const loadMaxSeconds = 10;

/** Kills and starts again, as often as planned. Leaves no service behind. */
export async function measureRestarts(
  bench: Bench,
  address: PostgresAddress,
  first: Service,
): Promise<readonly Restart[]> {
  const restarts: Restart[] = [];
  let service = first;
  for (let turn = 1; turn <= bench.plan.restarts; turn += 1) {
    const facts = await killUnderLoad(bench, service, `restart-${turn}`);
    service = await startService(bench.scratch, address, bench.signal);
    restarts.push({ readyAfterMs: service.readyAfterMs, facts });
    bench.say(`killed under load, and ready ${service.readyAfterMs.toFixed(0)} ms after the start`);
  }
  await service.kill();
  return restarts;
}

async function killUnderLoad(bench: Bench, service: Service, name: string): Promise<number> {
  const enough = new AbortController();
  const target = { kind: "consume", merchants: merchantsTouched } as const;
  const before = await metricsOf(service);
  const loaded = loadWith(
    bench.scratch,
    service,
    { target, connections, seconds: loadMaxSeconds, name },
    AbortSignal.any([bench.signal, enough.signal]),
  ).then(
    () => "ended",
    () => "ended",
  );
  const timer = new AbortController();
  const due = wait(loadMs, "due", { signal: AbortSignal.any([bench.signal, timer.signal]) });
  try {
    const which = await Promise.race([loaded, due]);
    if (which === "ended") throw new Error("the load ended before the kill");
    const after = await metricsOf(service);
    await service.kill();
    return after("quota_journal_batch_facts_sum") - before("quota_journal_batch_facts_sum");
  } finally {
    // Clients that go on would only take the processor from the start that is measured.
    enough.abort();
    timer.abort();
    await loaded;
  }
}
