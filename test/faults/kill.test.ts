import { setTimeout as wait } from "node:timers/promises";

import test from "ava";

import { Client, currency, startLoad, type Story } from "../support/load-clients.ts";
import { restartTime, startService, tokenOf } from "../support/service-process.ts";
import { audit } from "../support/audit.ts";
import { newStore, stores } from "../support/stores.ts";

const dailyLimit = 1_000;
const killsInARow = 3;
const servesMaxMs = 30_000;
const merchants = Array.from({ length: 6 }, (_, number) => `merchant-${number}`);

for (const store of stores) {
  test.serial(
    `kill -9 in the middle of 64 clients loses nothing acknowledged and doubles nothing: ${store}`,
    async (t) => {
      const kept = await newStore(t, store);
      if (!kept) return;
      const environment = { ...kept, DEFAULT_DAILY_LIMIT: String(dailyLimit), LEASE_MS: "2000" };
      const told: Story[] = [];
      let service = await startService(t, environment);

      for (let kill = 1; kill <= killsInARow; kill += 1) {
        const seed = Math.floor(Math.random() * 1e6);
        const load = startLoad(t, {
          url: service.url,
          token: tokenOf(),
          clients: 64,
          merchants,
          name: `K${kill}`,
          seed,
        });
        await load.untilDecided(150 + (seed % 150));
        const stopped = load.stop();
        await service.kill();
        told.push(...(await stopped));
        service = await startService(t, environment);

        t.log(
          `kill ${kill}, seed ${seed}: ${load.count("applied")} applied, ${load.count("refused")} refused, ${load.count("unknown")} unknown; ${restartTime(service).note}`,
        );
        t.true(load.count("applied") > 0);
        t.is(load.count("nothing"), 0);
        t.true(restartTime(service).isInTime);
      }

      await audit(t, service, told, dailyLimit);
      t.is((await service.stop()).code, 0);
    },
  );

  test.serial(
    `after kill -9 a process of another name serves once the lease has passed: ${store}`,
    async (t) => {
      const kept = await newStore(t, store);
      if (!kept) return;
      const environment = { ...kept, LEASE_MS: "1000" };
      const order = { merchant_id: "m", currency, order_no: "O-1", amount: 5 };
      const first = await startService(t, { ...environment, NODE_NAME: "first" });
      const taken = await new Client(first.url, tokenOf()).quota("consume", order);
      await first.kill();

      const second = await startService(t, { ...environment, NODE_NAME: "second" });
      const readyMs = performance.now();
      const client = new Client(second.url, tokenOf());
      let again = await client.quota("consume", order);
      while (again.verdict === "nothing" && performance.now() - readyMs < servesMaxMs) {
        t.is(again.headers["retry-after"], "1");
        await wait(50);
        again = await client.quota("consume", order);
      }

      t.log(`answered ${(performance.now() - readyMs).toFixed(0)} ms after it said ready`);
      t.like(again, { status: 200, body: { duplicate: true, log_id: taken.body["log_id"] } });
    },
  );
}
