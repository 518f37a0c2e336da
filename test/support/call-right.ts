import { currency } from "./load-clients.ts";

export type Right = "anyone" | "reader" | "caller" | "admin";

/** One call: who may make it, and how it is made about a merchant. */
export interface CallRight {
  readonly right: Right;
  readonly path: (merchantId: string) => string;
  readonly body?: (merchantId: string) => object;
  /** It is about no merchant, or answers a stranger with nothing of it: whose it is makes no difference to the status. */
  readonly isOfAll?: true;
}

const ofKey = (merchant_id: string) => ({ merchant_id, currency });
const command = (right: Right, name: string, more: object): CallRight => ({
  right,
  path: () => `/api/v1/quotas/${name}`,
  body: (merchantId) => ({ ...ofKey(merchantId), ...more }),
});
const list = (right: Right, path: string, isOfAll?: true): CallRight => ({
  right,
  path: (merchantId) => path.replace("{merchant_id}", merchantId),
  ...(isOfAll ? { isOfAll } : {}),
});

/** Every call of the published document; one that is not here fails the test. */
export const callRights: Readonly<Record<string, CallRight>> = {
  "POST /api/v1/quotas/check": command("caller", "check", { amount: 1 }),
  "POST /api/v1/quotas/consume": command("caller", "consume", { order_no: "A", amount: 1 }),
  "POST /api/v1/quotas/release": command("caller", "release", { order_no: "A" }),
  "POST /api/v1/quotas/reserve": command("caller", "reserve", { order_no: "B", amount: 1 }),
  "POST /api/v1/quotas/confirm": command("caller", "confirm", { order_no: "B" }),
  "POST /api/v1/quotas/cancel": command("caller", "cancel", { order_no: "B" }),
  "POST /api/v1/quotas/settle": command("caller", "settle", { order_no: "A" }),
  "POST /api/v1/quotas/batch": {
    right: "caller",
    path: () => "/api/v1/quotas/batch",
    body: (merchantId) => ({
      operations: [{ op: "consume", ...ofKey(merchantId), order_no: "C", amount: 1 }],
    }),
  },
  "POST /api/v1/quotas/adjust": command("admin", "adjust", { daily_adjust: 1, reason: "r" }),
  "POST /api/v1/quotas/reset": command("admin", "reset", { period: "daily" }),
  "POST /api/v1/quotas/suspend": command("admin", "suspend", { reason: "r" }),
  "POST /api/v1/quotas/resume": command("admin", "resume", { reason: "r" }),
  "POST /api/v1/quotas/refresh-limits": command("admin", "refresh-limits", {}),
  "GET /api/v1/quotas/merchant/{merchant_id}": list(
    "reader",
    "/api/v1/quotas/merchant/{merchant_id}",
  ),
  "GET /api/v1/quotas/merchant/{merchant_id}/currency/{currency}": list(
    "reader",
    "/api/v1/quotas/merchant/{merchant_id}/currency/USD",
  ),
  "GET /api/v1/quotas/merchant/{merchant_id}/currency/{currency}/curve": list(
    "reader",
    "/api/v1/quotas/merchant/{merchant_id}/currency/USD/curve",
  ),
  "GET /api/v1/quotas/stats": list("admin", "/api/v1/quotas/stats", true),
  "GET /api/v1/usage-logs/merchant/{merchant_id}": list(
    "reader",
    "/api/v1/usage-logs/merchant/{merchant_id}",
  ),
  "GET /api/v1/usage-logs/order/{order_no}": list("reader", "/api/v1/usage-logs/order/A", true),
  "GET /api/v1/usage-logs/stats": list(
    "reader",
    "/api/v1/usage-logs/stats?merchant_id={merchant_id}",
  ),
  "GET /api/v1/alerts/merchant/{merchant_id}": list(
    "reader",
    "/api/v1/alerts/merchant/{merchant_id}",
  ),
  "GET /api/v1/alerts/unresolved": list("admin", "/api/v1/alerts/unresolved", true),
  "POST /api/v1/alerts/{id}/resolve": {
    right: "admin",
    path: () => "/api/v1/alerts/0199a1de-0000-7000-8000-000000000001/resolve",
    body: () => ({}),
    isOfAll: true,
  },
  "POST /api/v1/alerts/{id}/resend": {
    right: "admin",
    path: () => "/api/v1/alerts/0199a1de-0000-7000-8000-000000000001/resend",
    body: () => ({}),
    isOfAll: true,
  },
  "GET /api/v1/alerts/{id}/deliveries": list(
    "admin",
    "/api/v1/alerts/0199a1de-0000-7000-8000-000000000001/deliveries",
    true,
  ),
  "GET /api/v1/cluster": list("admin", "/api/v1/cluster", true),
  "POST /api/v1/cluster/plan": {
    right: "admin",
    path: () => "/api/v1/cluster/plan",
    body: () => ({ action: "rebalance" }),
    isOfAll: true,
  },
  "POST /api/v1/cluster/change": {
    right: "admin",
    path: () => "/api/v1/cluster/change",
    body: () => ({ action: "rebalance", wait_seconds: 1 }),
    isOfAll: true,
  },
  "GET /api/v1/live": list("admin", "/api/v1/live?seconds=1", true),
  "GET /api/v1/session": list("reader", "/api/v1/session", true),
  "GET /health": list("anyone", "/health", true),
  "GET /health/live": list("anyone", "/health/live", true),
  "GET /health/ready": list("anyone", "/health/ready", true),
  "GET /metrics": list("anyone", "/metrics", true),
};
