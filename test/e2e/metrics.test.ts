import { setTimeout as wait } from "node:timers/promises";

import test, { type ExecutionContext } from "ava";

import { currency } from "../support/load-clients.ts";
import { type ServiceProcess, startService, tokenOf } from "../support/service-process.ts";
import { ownStore } from "../support/stores.ts";

const merchants = 10_000;
const batchMax = 1_000;
const topKeys = 500;
const dailyLimit = 2_000_000;
const pollMs = 200;

test.serial("with 10,000 merchants /metrics has a bounded number of series", async (t) => {
  const service = await startService(t, {
    ...(await ownStore(t)),
    METRICS_TOP_KEYS: String(topKeys),
    DEFAULT_DAILY_LIMIT: String(dailyLimit),
  });

  await consumeOnce(t, service, 0, 1);
  const withOne = seriesOf(await textOf(service));
  for (let from = 1; from < merchants; from += batchMax) {
    await consumeOnce(t, service, from, Math.min(batchMax, merchants - from));
  }
  const withAll = seriesOf(await untilAllAreThere(service));

  const rates = withAll.filter((series) => series.startsWith("quota_usage_rate{"));
  t.is(rates.length, topKeys);
  // The fuller a quota the higher its number: shown are those with the highest use.
  const highest = (merchants - topKeys) / merchants / 2;
  t.true(rates.every((series) => Number(series.split(" ")[1]) >= highest));
  // Beside them only new statuses and the garbage collector's own kinds may have come.
  t.true(withAll.length < withOne.length + topKeys + 100, `${withAll.length} series`);
  t.log(`${withOne.length} series with one merchant, ${withAll.length} with ${merchants}`);
});

/** Merchant number n takes (n + 1) ten-thousandths of half its limit. */
async function consumeOnce(
  t: ExecutionContext,
  { url }: ServiceProcess,
  from: number,
  count: number,
): Promise<void> {
  const operations = Array.from({ length: count }, (_, index) => ({
    op: "consume",
    merchant_id: `M-${from + index}`,
    currency,
    order_no: "O-1",
    amount: ((from + index + 1) * dailyLimit) / merchants / 2,
  }));
  const answer = await fetch(`${url}/api/v1/quotas/batch`, {
    method: "POST",
    headers: { authorization: `Bearer ${tokenOf()}`, "content-type": "application/json" },
    body: JSON.stringify({ operations }),
  });
  const { results } = (await answer.json()) as { results: readonly { status: number }[] };
  t.is(results.filter(({ status }) => status === 200).length, count);
}

/** The text is kept for a second: it is asked until it is of now. */
async function untilAllAreThere(service: ServiceProcess): Promise<string> {
  for (;;) {
    const text = await textOf(service);
    if (text.includes(`quota_actors_resident ${merchants}\n`)) return text;
    await wait(pollMs);
  }
}

async function textOf({ url }: ServiceProcess): Promise<string> {
  const answer = await fetch(`${url}/metrics`);
  return answer.text();
}

function seriesOf(text: string): readonly string[] {
  return text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
}
