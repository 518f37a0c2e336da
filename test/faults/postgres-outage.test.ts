import { setTimeout as wait } from "node:timers/promises";

import test, { type ExecutionContext } from "ava";

import { faultOfPostgres } from "../support/fault-postgres.ts";
import { type Answer, Client, currency, startLoad, type Load } from "../support/load-clients.ts";
import {
  postgresEnvironment,
  type ServiceProcess,
  startService,
  tokenOf,
} from "../support/service-process.ts";
import { type RealPostgres, realPostgres } from "../support/services.ts";
import { audit } from "../support/audit.ts";

const dailyLimit = 1_000;
const merchants = Array.from({ length: 6 }, (_, number) => `merchant-${number}`);
const pollMs = 50;
const noticedMaxMs = 60_000;

/** What may befall a Postgres under load, and how it comes back. */
const outages: Readonly<
  Record<string, (server: RealPostgres, during: () => Promise<void>) => Promise<void>>
> = {
  "shut down": async (server, during) => {
    await (await faultOfPostgres(server)).shutDown();
    await during();
    await server.restart();
  },
  killed: async (server, during) => {
    await server.kill();
    await during();
    await server.restart();
  },
  frozen: async (server, during) => {
    const fault = await faultOfPostgres(server);
    fault.freeze();
    try {
      await during();
    } finally {
      fault.thaw();
    }
  },
};

test.serial(
  "Postgres shut down, killed and frozen under load: callers are told, nothing is lost, it recovers by itself",
  async (t) => {
    const server = await realPostgres({ own: true });
    if ("skipped" in server) {
      t.log(`SKIPPED: ${server.skipped}`);
      t.pass();
      return;
    }
    t.teardown(() => server.stop());
    const service = await startService(t, {
      ...postgresEnvironment(await server.newDatabase()),
      DEFAULT_DAILY_LIMIT: String(dailyLimit),
      REQUEST_TIMEOUT_MS: "1000",
      LEASE_MS: "1000",
    });
    const seed = Math.floor(Math.random() * 1e6);
    const load = startLoad(t, {
      url: service.url,
      token: tokenOf(),
      clients: 32,
      merchants,
      name: "P",
      seed,
      retries: true,
    });

    for (const [name, befall] of Object.entries(outages)) {
      const before = load.count("applied");
      await load.untilApplied(before + 200);
      await befall(server, () => outage(t, service, name));
      const backMs = performance.now();
      await ready(service, 200);
      const applied = load.count("applied");
      await load.untilApplied(applied + 100);
      t.log(
        `${name}: served again ${((performance.now() - backMs) / 1_000).toFixed(2)} s after it was back`,
      );
    }

    const stories = await load.stop();
    checkAnswers(t, load);
    t.log(
      `seed ${seed}: ${load.count("applied")} applied, ${load.count("refused")} refused, ${load.count("nothing")} of 503, ${load.count("unknown")} of 504`,
    );
    await audit(t, service, stories, dailyLimit);
    t.is((await service.stop()).code, 0);
  },
);

/** While Postgres is away: it lives, is not ready, and says no to a caller within its time. */
async function outage(t: ExecutionContext, service: ServiceProcess, name: string): Promise<void> {
  const notReady = await ready(service, 503);
  const client = new Client(service.url, tokenOf());
  const order = {
    merchant_id: "merchant-0",
    currency,
    order_no: `while-${name.replace(" ", "-")}`,
    amount: 1,
  };
  const answer = await client.quota("consume", order);
  const live = await client.get("/health/live");

  t.log(
    `${name}: ready said 503 in ${notReady.toFixed(0)} ms; a consume got ${String(answer.status)} ${String(answer.body["code"])}: ${String(answer.body["message"])}`,
  );
  t.true(answer.status === 503 || answer.status === 504, JSON.stringify(answer));
  t.true(Number(answer.headers["retry-after"]) >= 1);
  t.is(live.status, 200);
  await wait(1_000);
  client.close();
}

/** Waits until /health/ready says so. @returns how long that answer took */
async function ready(service: ServiceProcess, status: 200 | 503): Promise<number> {
  const deadline = performance.now() + noticedMaxMs;
  for (;;) {
    const startedMs = performance.now();
    const answer = await fetch(`${service.url}/health/ready`);
    await answer.text();
    if (answer.status === status) return performance.now() - startedMs;
    if (performance.now() > deadline) throw new Error(`it did not become ${status} in time`);
    await wait(pollMs);
  }
}

/** Every answer says what to do next: none is missing, none is a bug. */
function checkAnswers(t: ExecutionContext, load: Load): void {
  const isFault = ({ status }: Answer): boolean => status === 503 || status === 504;
  const others = load
    .answers()
    .filter((answer) => !isFault(answer) && answer.verdict === "unknown");
  t.deepEqual(others.slice(0, 5), []);
  const silent = load
    .answers()
    .filter((answer) => isFault(answer) && answer.headers["retry-after"] === undefined);
  t.deepEqual(silent.slice(0, 5), []);
}
