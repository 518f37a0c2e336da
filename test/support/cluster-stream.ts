import type { Database } from "../../src/platform/database.ts";
import type { Cluster } from "./cluster-harness.ts";
import { until } from "./node-clock.ts";
import { consume, key } from "./quota-builders.ts";
import { rowsOf } from "./store-contract.ts";

const keys = Array.from({ length: 48 }, (_, n) => key(`M-${n}`));

/** Clients that take one after the other from every merchant, until they are told to end. */
export function stream(cluster: Cluster, name: string) {
  let ended = false;
  let taken = 0;
  const failed: string[] = [];
  const clients = keys.map(async (each, client) => {
    for (let n = 0; !ended; n++) {
      try {
        const outcome = await cluster.ask({ ...consume(`${name}-${client}-${n}`, 1n), key: each });
        if (outcome.kind === "accepted") taken += 1;
        else failed.push(outcome.kind);
      } catch (error) {
        failed.push(String(error));
      }
    }
  });
  return {
    failed,
    taken: () => taken,
    untilTaken: (more: number) => {
      const enough = taken + more;
      return until("more is taken", () => taken >= enough);
    },
    end: async () => {
      ended = true;
      await Promise.all(clients);
    },
  };
}

/** What the tables say was taken in all, and by how many entries of the log. */
export async function counted(database: Database): Promise<readonly unknown[]> {
  const [row] = await rowsOf(
    database,
    `select (select coalesce(sum(daily_used), 0)::bigint from merchant_quotas_live) as used,
            (select count(*) from quota_usage_logs_live where success) as entries,
            (select count(distinct order_no) from quota_usage_logs_live where success) as orders`,
  );
  return [row?.["used"], row?.["entries"], row?.["orders"]];
}
