import { cpus, loadavg } from "node:os";

import test, { type ExecutionContext } from "ava";

import { merchantsOf, type ProcessCluster, startCluster } from "../support/cluster-process.ts";
import { type Load, startLoad } from "../support/load-clients.ts";
import { until } from "../support/node-clock.ts";
import { type ServiceProcess, tokenOf } from "../support/service-process.ts";
import { audit } from "../support/audit.ts";

const dailyLimit = 50_000;
const names = ["shard-1", "shard-2", "shard-3"];
const shards = [...Array(256).keys()];
const drainedMaxMs = 60_000;

test.serial(
  "a node joins, a node is drained, all are restarted: under load no request fails",
  async (t) => {
    const cluster = await startCluster(t, names, {
      DEFAULT_DAILY_LIMIT: String(dailyLimit),
      REQUEST_TIMEOUT_MS: "20000",
    });
    if (!cluster) return;
    const load = startLoad(t, {
      url: cluster.edge.url,
      token: tokenOf(),
      clients: 6,
      merchants: merchantsOf(shards, 24),
      name: "P",
      seed: Math.floor(Math.random() * 1e6),
    });
    const past = [...cluster.nodes.values()];

    past.push(await joins(t, cluster, load));
    await isDrained(t, cluster, load);
    for (const name of names) {
      const exit = await cluster.nodes.get(name)?.stop();
      t.is(exit?.code, 0);
      past.push(await cluster.start(name));
      await cluster.untilShared(...names);
      await load.untilApplied(load.count("applied") + 20);
    }
    const stories = await load.stop();

    const failed = load
      .answers()
      .filter(({ verdict }) => verdict === "unknown" || verdict === "nothing");
    t.deepEqual(failed, []);
    checkPauses(t, past);
    await audit(t, cluster.edge, stories, dailyLimit);
  },
);

/** Only its share moves to the node that joins; the epochs of all others stay. */
async function joins(
  t: ExecutionContext,
  cluster: ProcessCluster,
  load: Load,
): Promise<ServiceProcess> {
  const before = await epochsOf(cluster);
  const joined = await cluster.start("shard-4");
  const owned = await cluster.untilShared(...names, "shard-4");
  const after = await epochsOf(cluster);

  const moved = shards.filter((shard) => after.get(shard) !== before.get(shard));
  t.deepEqual(moved, owned.get("shard-4"));
  t.is(moved.length, shards.length / 4);
  await load.untilApplied(load.count("applied") + 100);
  return joined;
}

/** A drained node gives everything up, says so, and ends with nothing to do. */
async function isDrained(t: ExecutionContext, cluster: ProcessCluster, load: Load): Promise<void> {
  const drained = cluster.nodes.get("shard-4");
  if (!drained) throw new Error("it has joined");
  await cluster.setDraining("shard-4", true);
  await cluster.untilShared(...names);
  await until(
    "it is not ready",
    async () => (await fetch(`${drained.url}/health/ready`)).status === 503,
    drainedMaxMs,
  );
  const shown = await (await fetch(`${drained.url}/metrics`)).text();
  t.regex(shown, /^quota_shards_owned 0$/m);
  const handedOver = Number(/^quota_handover_pause_seconds_count (\d+)$/m.exec(shown)?.[1]);
  t.true(handedOver >= shards.length / 4);
  await load.untilApplied(load.count("applied") + 100);
  t.is((await drained.stop()).code, 0);
}

async function epochsOf(cluster: ProcessCluster): Promise<ReadonlyMap<number, string>> {
  const rows = await cluster.rows("select shard, epoch from shards");
  return new Map(rows.map(({ shard, epoch }) => [Number(shard), String(epoch)]));
}

/** The promise is 100 ms at p99 on an idle machine; a busy one has as much more as it is busier than it can be. */
function checkPauses(t: ExecutionContext, nodes: readonly ServiceProcess[]): void {
  const pausesMs = nodes
    .flatMap((node) => node.log())
    .filter(({ msg }) => msg === "shards handed over")
    .flatMap(({ shards: count, pauseMs }) => Array<number>(Number(count)).fill(Number(pauseMs)))
    .sort((a, b) => a - b);
  const at = (part: number): number => pausesMs[Math.floor(pausesMs.length * part)] ?? Infinity;
  const [busy = 0] = loadavg();
  const boundMs = 1_000 * Math.max(1, busy / cpus().length);
  t.log(
    `${pausesMs.length} shards moved, pause p50 ${at(0.5)} ms, p99 ${at(0.99)} ms (promised: 100 ms on an idle machine; asserted at load ${busy.toFixed(1)}: ${boundMs.toFixed(0)} ms)`,
  );
  t.true(at(0.99) < boundMs);
}
