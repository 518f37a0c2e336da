import test from "ava";

import { createMetrics } from "../../../src/platform/metrics.ts";

test("what others keep is read when it is asked for", async (t) => {
  const metrics = createMetrics();
  metrics.readFrom({
    usageRates: () => [{ merchantId: "M", currency: "USD", rate: 0.5 }],
    alertsActive: () => Promise.resolve(3),
    checkpointLag: () => ({ facts: 7, seconds: 0.1 }),
  });
  metrics.readFrom({ actorsResident: () => 2, shardsOwned: () => 256 });
  metrics.journalCommitted(20, 0.002);
  metrics.alertRaised("daily_80", "warning");

  const text = await metrics.text();

  for (const line of [
    'quota_usage_rate{merchant_id="M",currency="USD"} 0.5',
    "quota_alerts_active 3",
    "quota_checkpoint_lag_facts 7",
    "quota_checkpoint_lag_seconds 0.1",
    "quota_actors_resident 2",
    "quota_shards_owned 256",
    "quota_journal_batch_facts_sum 20",
    "quota_journal_batch_facts_count 1",
    'quota_alerts_total{type="daily_80",level="warning"} 1',
  ]) {
    t.true(text.includes(line), line);
  }
});
