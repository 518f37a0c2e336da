import test, { type ExecutionContext } from "ava";

import { type Answer, Client, currency } from "../support/load-clients.ts";
import { type ServiceProcess, startService, tokenOf } from "../support/service-process.ts";
import { logOf, quotaOf } from "../support/audit.ts";
import { newStore, stores } from "../support/stores.ts";

const limit = 50;
const consumers = 100;
const merchants = Array.from({ length: 20 }, (_, number) => `limit-${number}`);

for (const store of stores) {
  test.serial(
    `100 concurrent consumes of 1 on a limit of 50: 50 succeed, each time of 20: ${store}`,
    async (t) => {
      const kept = await newStore(t, store);
      if (!kept) return;
      const environment = { ...kept, DEFAULT_DAILY_LIMIT: String(limit) };
      const service = await startService(t, environment);
      const client = clientOf(service);

      for (const merchantId of merchants) {
        const answers = await all(client, merchantId);

        t.is(answers.filter(({ status }) => status === 200).length, limit);
        const refused = answers.filter(({ status }) => status !== 200);
        for (const { status, headers, body } of refused) {
          t.like({ status, code: body["code"] }, { status: 429, code: "DAILY_LIMIT_EXCEEDED" });
          t.true(Number(headers["retry-after"]) > 0);
        }
        t.like(await quotaOf(t, client, merchantId), { daily_used: limit, remaining_daily: 0 });
      }

      await killedBeforeTheCheckpoint(t, service, environment);
    },
  );
}

/** The last consumes are acknowledged and only in the journal when the process is killed: the next one shows them. */
async function killedBeforeTheCheckpoint(
  t: ExecutionContext,
  service: ServiceProcess,
  environment: Readonly<Record<string, string>>,
): Promise<void> {
  let running = service;
  for (let attempt = 1; attempt <= 5; attempt += 1) {
    const merchantId = `journal-${attempt}`;
    const told = await all(clientOf(running), merchantId);
    await running.kill();
    running = await startService(t, environment);

    const client = clientOf(running);
    t.like(await quotaOf(t, client, merchantId), { daily_used: limit, version: limit });
    const log = await logOf(client, `merchant/${merchantId}?success=true&limit=200`);
    const acknowledged = told.flatMap(({ status, body }) =>
      status === 200 ? [body["log_id"]] : [],
    );
    t.deepEqual(log.map(({ id }) => id).sort(), acknowledged.sort());
    const recovered = running.log().find(({ msg }) => msg === "writer recovered");
    if (Number(recovered?.["batches"]) > 0) {
      t.log(
        `attempt ${attempt}: ${String(recovered?.["batches"])} batches were only in the journal`,
      );
      await running.stop();
      return;
    }
  }
  t.fail("every kill came after the checkpoint");
}

function clientOf({ url }: ServiceProcess): Client {
  return new Client(url, tokenOf(), consumers);
}

function all(client: Client, merchantId: string): Promise<readonly Answer[]> {
  const one = { merchant_id: merchantId, currency, amount: 1 };
  return Promise.all(
    Array.from({ length: consumers }, (_, number) =>
      client.quota("consume", { ...one, order_no: `${merchantId}-${number}` }),
    ),
  );
}
