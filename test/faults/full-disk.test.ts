import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";

import test, { type ExecutionContext } from "ava";

import { smallDisk } from "../support/fault-disk.ts";
import { Client, startLoad } from "../support/load-clients.ts";
import {
  type Environment,
  postgresEnvironment,
  startService,
  tokenOf,
} from "../support/service-process.ts";
import { realPostgres } from "../support/services.ts";
import { audit } from "../support/audit.ts";
import { onDisk, type Store, stores } from "../support/stores.ts";

const dailyLimit = 1_000;
const merchants = Array.from({ length: 6 }, (_, number) => `merchant-${number}`);
const megabytes = 128;
const noticedMaxMs = 60_000;

for (const store of stores) {
  test.serial(
    `a full disk gives 503, and it recovers by itself when there is space: ${store}`,
    async (t) => {
      const disk = smallDisk(t, megabytes);
      if ("skipped" in disk) {
        t.log(`SKIPPED: ${disk.skipped}`);
        t.pass();
        return;
      }
      const kept = await storeOn(t, disk.folder, store);
      if (!kept) return;
      const environment = {
        ...kept,
        DEFAULT_DAILY_LIMIT: String(dailyLimit),
        REQUEST_TIMEOUT_MS: "1000",
      };
      const service = await startService(t, environment);
      const seed = Math.floor(Math.random() * 1e6);
      const load = startLoad(t, {
        url: service.url,
        token: tokenOf(),
        clients: 32,
        merchants,
        name: "D",
        seed,
        retries: true,
      });
      await load.untilApplied(100);

      disk.fill();
      await untilReady(service.url, 503);
      await wait(1_000);
      const applied = load.count("applied");
      await wait(500);
      const live = await new Client(service.url, tokenOf()).get("/health/live");
      t.is(live.status, 200);
      t.is(load.count("applied"), applied, "nothing is applied on a full disk");
      disk.free();
      const freedMs = performance.now();
      await untilReady(service.url, 200);
      const backMs = performance.now() - freedMs;
      await load.untilApplied(applied + 100);

      const stories = await load.stop();
      const statuses = new Set(load.answers().map(({ status }) => status));
      for (const status of statuses)
        t.true([200, 429, 503, 504].includes(status ?? 0), String(status));
      t.log(
        `seed ${seed}: served again ${(backMs / 1_000).toFixed(2)} s after the space was there; ${load.count("nothing")} of 503, ${load.count("unknown")} of 504`,
      );
      await audit(t, service, stories, dailyLimit);
      t.is((await service.stop()).code, 0);
    },
  );
}

/** A store whose files are in a folder. */
async function storeOn(
  t: ExecutionContext,
  folder: string,
  store: Store,
): Promise<Environment | null> {
  if (store === "embedded") return { DATA_DIR: join(folder, "data") };
  const server = await onDisk(folder, () => realPostgres({ own: true }));
  if ("skipped" in server) {
    t.log(`SKIPPED: ${server.skipped}`);
    t.pass();
    return null;
  }
  t.teardown(() => server.stop());
  return postgresEnvironment(await server.newDatabase());
}

async function untilReady(url: string, status: 200 | 503): Promise<void> {
  const deadline = performance.now() + noticedMaxMs;
  for (;;) {
    const answer = await fetch(`${url}/health/ready`);
    await answer.text();
    if (answer.status === status) return;
    if (performance.now() > deadline) throw new Error(`it did not become ${status} in time`);
    await wait(50);
  }
}
