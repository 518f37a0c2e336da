import type { PostgresAddress } from "../../test/support/services-address.ts";
import { bookOf } from "./book.ts";
import { cpuUsOf, serverCpuUsOf } from "./cpu.ts";
import type { Ground } from "./ground.ts";
import { doubtAbout, merchants, speedOf } from "./http-case.ts";
import type { Result } from "./result.ts";
import type { Sample } from "./sample.ts";
import type { Section } from "./section.ts";
import { type Service, settled, startService } from "./service.ts";
import { untilShared } from "./share.ts";
import { loadWith } from "./wrk.ts";

const counts = [1, 2, 3];
const connections = 64;

/** An edge and shard nodes, each a process, over NATS. On a machine that all of them share, more nodes are no faster. */
export function nodes(ground: Ground): Section {
  return {
    name: "nodes",
    measure: async ({ caseSeconds }) => {
      const results: Result[] = [];
      for (const count of counts) {
        ground.say(`an edge and ${count} shard nodes`);
        const samples = await withCluster(ground, count, async (edge, shards) => {
          await measure(ground, { edge, shards, name: `nodes-${count}-warm`, seconds: 3 });
          const name = `nodes-${count}`;
          return [await measure(ground, { edge, shards, name, seconds: caseSeconds })];
        });
        const what = `HTTP consume, uniform, an edge and ${count} shard node${count > 1 ? "s" : ""} over NATS`;
        results.push({ name: `nodes-${count}`, what, samples });
      }
      return { results, rows: [] };
    },
  };
}

async function withCluster<T>(
  ground: Ground,
  count: number,
  body: (edge: Service, shards: readonly Service[]) => Promise<T>,
): Promise<T> {
  const database: PostgresAddress = await ground.postgres.newDatabase();
  const environment = { NATS_URL: ground.nats.url };
  const started: Service[] = [];
  for (let n = 1; n <= count; n += 1) {
    started.push(
      await startService(ground, database, {
        name: `node-${count}-${n}`,
        environment: { ...environment, ROLES: "shard" },
      }),
    );
  }
  const edge = await startService(ground, database, {
    name: `edge-${count}`,
    environment: { ...environment, ROLES: "edge" },
  });
  try {
    await untilShared(ground, database, count);
    return await body(edge, started);
  } finally {
    await Promise.all([edge, ...started].map((service) => service.kill()));
  }
}

async function measure(
  ground: Ground,
  run: {
    readonly edge: Service;
    readonly shards: readonly Service[];
    readonly name: string;
    readonly seconds: number;
  },
): Promise<Sample> {
  const { edge, shards, name, seconds } = run;
  const cpuUs = (): number => [edge, ...shards].reduce((sum, { pid }) => sum + cpuUsOf(pid), 0);
  const before = await bookOf(ground, edge.database);
  const [ownBefore, postgresBefore] = [cpuUs(), serverCpuUsOf(ground.postmasterPid)];
  const asked = { kind: "consume", spread: { kind: "uniform", merchants } } as const;
  const summary = await loadWith(ground, { name, asked, url: edge.url, connections, seconds });
  for (const shard of shards) await settled(shard, ground.signal);
  const [own, postgres] = [cpuUs(), serverCpuUsOf(ground.postmasterPid)];
  const after = await bookOf(ground, edge.database);
  return {
    ...speedOf(summary),
    doubt: doubtAbout(summary, {
      orders: after.orders - before.orders,
      used: after.used - before.used,
    }),
    details: {
      serviceCpuUs: (own - ownBefore) / summary.requests,
      postgresCpuUs: (postgres - postgresBefore) / summary.requests,
    },
  };
}
