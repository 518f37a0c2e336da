import test from "ava";

import { createMetrics } from "../../../src/platform/metrics.ts";
import { fakeClock } from "../../support/fake-clock.ts";
import { settled } from "../../support/fake-session.ts";

test("what others keep is read when it is asked for", async (t) => {
  const metrics = createMetrics();
  metrics.readFrom({
    usageRates: () => [{ merchantId: "M", currency: "USD", rate: 0.5 }],
    alertsActive: () => Promise.resolve(3),
    checkpointLag: () => ({ facts: 7, seconds: 0.1 }),
  });
  metrics.readFrom({ actorsResident: () => 2, shardsOwned: () => 256, ready: () => false });
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
    "quota_ready 0",
    "quota_journal_batch_facts_sum 20",
    "quota_journal_batch_facts_count 1",
    'quota_alerts_total{type="daily_80",level="warning"} 1',
  ]) {
    t.true(text.includes(line), line);
  }
});

test("a source that fails leaves its own gauge out, and it comes back with the source", async (t) => {
  const clock = fakeClock();
  const metrics = createMetrics({ clock });
  let isAway = true;
  const whenThere = <T>(value: T): T => {
    if (isAway) throw new Error("away");
    return value;
  };
  metrics.readFrom({
    alertsActive: () => (isAway ? Promise.reject(new Error("away")) : Promise.resolve(3)),
    checkpointLag: () => whenThere({ facts: 7, seconds: 0.1 }),
    usageRates: () => whenThere([{ merchantId: "M", currency: "USD", rate: 0.5 }]),
    shardsOwned: () => 256,
  });

  const away = await metrics.text();
  isAway = false;
  await clock.advance(1_000);
  const back = await metrics.text();
  isAway = true;
  await clock.advance(1_000);
  const awayAgain = await metrics.text();

  const left = /^quota_(alerts_active|checkpoint_lag_facts|usage_rate\{.*\}) [0-9.]+$/gm;
  t.deepEqual(
    [away, back, awayAgain].map((text) => [...text.matchAll(left)].length),
    [0, 3, 0],
  );
  for (const text of [away, back, awayAgain]) t.true(text.includes("quota_shards_owned 256"));
});

test("the line to NATS is shown where there is one", async (t) => {
  const clock = fakeClock();
  const metrics = createMetrics({ clock });
  t.notRegex(await metrics.text(), /^quota_(nats|bus)_.* /m);

  metrics.readFrom({ nats: () => ({ connected: false, lost: 2, waiting: 7 }) });
  await clock.advance(1_000);
  const text = await metrics.text();

  for (const line of [
    "quota_nats_connected 0",
    "quota_nats_connections_lost 2",
    "quota_bus_requests_waiting 7",
  ]) {
    t.true(text.split("\n").includes(line), line);
  }
});

test("a source without an answer is waited for half a second, and not heard later", async (t) => {
  const clock = fakeClock();
  const metrics = createMetrics({ clock });
  const answers: ((count: number) => void)[] = [];
  metrics.readFrom({
    alertsActive: () => new Promise((resolve) => answers.push(resolve)),
    shardsOwned: () => 256,
  });

  const asked = metrics.text();
  await clock.advance(500);
  const text = await asked;
  answers[0]?.(3);
  await settled();

  t.false(/^quota_alerts_active /m.test(text));
  t.true(text.includes("quota_shards_owned 256"));
  t.is(clock.timers, 0);
});

test("those who ask together share one reading, which is a second old at most", async (t) => {
  const clock = fakeClock();
  const metrics = createMetrics({ clock });
  let readings = 0;
  metrics.readFrom({ shardsOwned: () => ++readings });

  const together = await Promise.all([metrics.text(), metrics.text()]);
  await clock.advance(999);
  const soonAfter = await metrics.text();
  const readingsBefore = readings;
  await clock.advance(1);
  const later = await metrics.text();

  t.is(readingsBefore, 1);
  t.deepEqual(together, [soonAfter, soonAfter]);
  t.true(later.includes("quota_shards_owned 2"));
});

test("what neighbours and jobs did is counted by its result", async (t) => {
  const metrics = createMetrics();

  metrics.policyFetched("timeout");
  metrics.delivered("webhook", "given_up");
  metrics.jobRan("reset_sweep", "done", 2);
  metrics.checkpointWritten(500, 0.02);
  metrics.spansLeft("dropped", 40);

  const text = await metrics.text();
  for (const line of [
    'quota_policy_fetches_total{result="timeout"} 1',
    'quota_alert_deliveries_total{channel="webhook",result="given_up"} 1',
    'quota_job_runs_total{name="reset_sweep",result="done"} 1',
    'quota_job_seconds_sum{name="reset_sweep"} 2',
    "quota_checkpoint_facts_total 500",
    "quota_checkpoint_seconds_sum 0.02",
    'quota_trace_spans_total{result="dropped"} 40',
  ]) {
    t.true(text.includes(line), line);
  }
});

test("a result that has not happened yet stands at nought, so that its first is seen", async (t) => {
  const text = await createMetrics().text();

  t.true(text.includes('quota_policy_fetches_total{result="garbage"} 0'));
  t.true(text.includes('quota_trace_spans_total{result="failed"} 0'));
});
