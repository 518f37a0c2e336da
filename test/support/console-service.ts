import { answering, FakeNeighbour } from "./fake-neighbour.ts";
import { shared } from "./lifetime.ts";
import { startService } from "./service-process.ts";
import { ownStore } from "./stores.ts";

/**
 * The service of all tests that can do with merchants of their own, and the target that it tells alerts. Days are
 * limited to 100,000.
 */
export const commonService = shared(async (lifetime) => {
  const target = await FakeNeighbour.start(answering({}));
  lifetime.teardown(() => target.stop());
  const { url } = await startService(lifetime, {
    ...(await ownStore(lifetime)),
    DEFAULT_DAILY_LIMIT: "100000",
    ALERT_WEBHOOK_URLS: `${target.url}/alerts`,
    ALERT_WEBHOOK_SECRET: `whsec_${Buffer.alloc(32, 7).toString("base64")}`,
  });
  return { url, target };
});
