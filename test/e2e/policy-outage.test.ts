import test, { type ExecutionContext } from "ava";

import { answering, FakeNeighbour } from "../support/fake-neighbour.ts";
import { until } from "../support/node-clock.ts";
import { type ServiceProcess, startService, tokenOf } from "../support/service-process.ts";
import { newStore, ownStore, stores } from "../support/stores.ts";

/** A policy that is fresh for so short that the service asks at each use. */
const keepMs = "100";
/** A busy machine is no outage: what has gone away refuses at once. */
const patient = { POLICY_TIMEOUT_MS: "10000" };

interface Standing {
  readonly daily_limit: number;
  readonly limits_source: string;
  readonly policy_version: string | null;
}

async function call(
  service: ServiceProcess,
  path: string,
  body?: object,
): Promise<{ readonly status: number; readonly body: Record<string, unknown> }> {
  const response = await fetch(`${service.url}${path}`, {
    method: body ? "POST" : "GET",
    headers: {
      authorization: `Bearer ${tokenOf({ user_type: "admin" })}`,
      ...(body ? { "content-type": "application/json" } : {}),
    },
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

async function standing(service: ServiceProcess, merchant: string): Promise<Standing> {
  const { body } = await call(service, `/api/v1/quotas/merchant/${merchant}/currency/USD`);
  return body as unknown as Standing;
}

function take(service: ServiceProcess, merchant: string, order: string, amount = 10) {
  const body = { merchant_id: merchant, currency: "USD", order_no: order, amount };
  return call(service, "/api/v1/quotas/consume", body);
}

function policyOf(daily: number, version: string) {
  return answering({ code: 0, data: { daily_limit: daily, single_trans_max: daily, version } });
}

async function policyService(t: ExecutionContext): Promise<FakeNeighbour> {
  const policies = await FakeNeighbour.start(policyOf(100, "1"));
  t.teardown(() => policies.stop());
  return policies;
}

for (const store of stores) {
  test.serial(
    `${store}: limits outlive the policy service, and a restart of ours meanwhile`,
    async (t) => {
      const address = await newStore(t, store);
      if (!address) return;
      const policies = await policyService(t);
      const environment = {
        ...{ ...address, ...patient },
        POLICY_SERVICE_URL: policies.url,
        POLICY_KEEP_MS: keepMs,
      };
      let service = await startService(t, environment);

      t.like(await take(service, "M-1", "A-1"), {
        status: 200,
        body: { remaining_daily: 90, limits_source: "policy", policy_version: "1" },
      });
      await policies.goAway();
      await until("the outage is noticed", async () => {
        const { limits_source: from } = await standing(service, "M-1");
        return from === "last_known";
      });
      t.like(await take(service, "M-1", "A-2"), {
        status: 200,
        body: { remaining_daily: 80, limits_source: "last_known", policy_version: "1" },
      });
      t.like(await take(service, "M-1", "A-3", 90), {
        status: 429,
        body: { code: "DAILY_LIMIT_EXCEEDED", limit: 100, limits_source: "last_known" },
      });

      await service.stop();
      service = await startService(t, environment);
      t.like(await take(service, "M-1", "A-4"), {
        status: 200,
        body: { remaining_daily: 70, limits_source: "last_known", policy_version: "1" },
      });
      t.like(await standing(service, "M-never-seen"), {
        daily_limit: 5_000_000,
        limits_source: "default",
        policy_version: null,
      });

      policies.behave(policyOf(80, "2"));
      await policies.comeBack();
      await until("the new policy is in force", async () => {
        const { policy_version: version } = await standing(service, "M-1");
        return version === "2";
      });
      t.like(await take(service, "M-1", "A-5", 51), {
        status: 429,
        body: { limit: 80, used: 30, limits_source: "policy", policy_version: "2" },
      });
      await service.stop();
    },
  );
}

test.serial("an operator has a changed limit fetched at once", async (t) => {
  const address = await ownStore(t);
  const policies = await policyService(t);
  const service = await startService(t, {
    ...{ ...address, ...patient },
    POLICY_SERVICE_URL: policies.url,
  });
  await take(service, "M-1", "A-1");

  policies.behave(policyOf(15, "2"));
  t.like(await standing(service, "M-1"), { daily_limit: 100, policy_version: "1" });
  const refreshed = await call(service, "/api/v1/quotas/refresh-limits", { merchant_id: "M-1" });

  t.like(refreshed, {
    status: 200,
    body: { success: true, items: [{ currency: "USD", daily_limit: 15, policy_version: "2" }] },
  });
  t.like(await take(service, "M-1", "A-2"), { status: 429, body: { limit: 15 } });
  await service.stop();
});

test.serial(
  "with POLICY_FAILURE_MODE=closed nothing is taken without the policy service",
  async (t) => {
    const address = await ownStore(t);
    const policies = await policyService(t);
    const service = await startService(t, {
      ...{ ...address, ...patient },
      POLICY_SERVICE_URL: policies.url,
      POLICY_KEEP_MS: keepMs,
      POLICY_FAILURE_MODE: "closed",
    });
    t.like(await take(service, "M-1", "A-1"), { status: 200 });

    await policies.goAway();
    await until("the outage is noticed", async () => {
      const { status } = await take(service, "M-1", "A-1b", 1);
      return status === 503;
    });
    t.like(await take(service, "M-never-seen", "A-2"), {
      status: 503,
      body: { code: "SHARD_UNAVAILABLE" },
    });
    const back = { merchant_id: "M-1", currency: "USD", order_no: "A-1" };
    t.like(await call(service, "/api/v1/quotas/release", back), { status: 200 });
    await service.stop();
  },
);
