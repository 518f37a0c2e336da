import test from "ava";

import { startLoad } from "../support/load-clients.ts";
import { restartTime, startService, tokenOf } from "../support/service-process.ts";
import { audit } from "../support/audit.ts";
import { newStore, stores } from "../support/stores.ts";

const dailyLimit = 1_000;
const merchants = Array.from({ length: 6 }, (_, number) => `merchant-${number}`);

for (const store of stores) {
  test.serial(
    `SIGTERM under load answers what it accepted and loses nothing: ${store}`,
    async (t) => {
      const kept = await newStore(t, store);
      if (!kept) return;
      const environment = { ...kept, DEFAULT_DAILY_LIMIT: String(dailyLimit) };
      const service = await startService(t, environment);
      const seed = Math.floor(Math.random() * 1e6);
      const load = startLoad(t, {
        url: service.url,
        token: tokenOf(),
        clients: 64,
        merchants,
        name: "S",
        seed,
      });
      await load.untilApplied(300);
      const ending = service.stop();
      const ended = await ending;
      const stories = await load.stop();

      t.deepEqual(ended, { code: 0, signal: null });
      t.regex(service.output(), /"msg":"closed"/);
      t.is(load.count("nothing"), 0);
      const next = await startService(t, environment);
      t.log(
        `seed ${seed}: ${load.count("applied")} applied, ${load.count("refused")} refused, ${load.count("unknown")} not accepted`,
      );
      t.log(`${store}, after SIGTERM: ${restartTime(next).note}`);
      t.true(restartTime(next).isInTime);
      t.deepEqual(
        next.log().filter(({ msg }) => msg === "writer recovered"),
        [],
      );
      await audit(t, next, stories, dailyLimit, "is not there");
      t.is((await next.stop()).code, 0);
    },
  );
}
