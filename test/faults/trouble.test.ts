import { cpus, loadavg } from "node:os";

import test, { type ExecutionContext } from "ava";

import { merchantsOf, type ProcessCluster, startCluster } from "../support/cluster-process.ts";
import { faultOfPostgres } from "../support/fault-postgres.ts";
import { type Answer, Client, currency, startLoad } from "../support/load-clients.ts";
import { until } from "../support/node-clock.ts";
import { type ServiceProcess, tokenOf } from "../support/service-process.ts";
import { clear, cut, type TcpProxy, tcpProxy } from "../support/tcp-proxy.ts";
import { audit } from "../support/audit.ts";

const dailyLimit = 10_000;
const names = ["shard-1", "shard-2", "shard-3"];
const noticedMaxMs = 60_000;
const probesMax = 40;
/** A cut and a standstill. */
const lastsMs = 10_000;

test.serial(
  "a node is killed, cut off from NATS, one stands still, Postgres restarts: nothing is lost or doubled, and all comes back",
  async (t) => {
    const cluster = await startCluster(t, names, {
      DEFAULT_DAILY_LIMIT: String(dailyLimit),
      LEASE_MS: "2000",
      REQUEST_TIMEOUT_MS: "10000",
    });
    if (!cluster) return;
    const load = startLoad(t, {
      url: cluster.edge.url,
      token: tokenOf(),
      clients: 16,
      merchants: merchantsOf([...Array(256).keys()], 24),
      name: "T",
      seed: Math.floor(Math.random() * 1e6),
      retries: true,
    });
    // Refusals count too: a fast machine uses the limits up.
    const untilMore = () => load.untilDecided(load.count("applied") + load.count("refused") + 100);

    await untilMore();
    const way = await tcpProxy(t, Number(new URL(cluster.nats.url).port));
    await isKilled(t, cluster, "shard-1", way);
    await untilMore();
    await isCutOff(t, cluster, "shard-1", way);
    await untilMore();
    await standsStill(t, cluster, "shard-2");
    await untilMore();
    await restartsPostgres(t, cluster);
    await untilMore();
    const stories = await load.stop();

    t.deepEqual(load.answers().filter(isNeitherDecidedNorFault).slice(0, 5), []);
    await audit(t, cluster.edge, stories, dailyLimit);
  },
);

/** Killed without a goodbye: its merchants are served again, by the others, once its lease has passed. */
async function isKilled(
  t: ExecutionContext,
  cluster: ProcessCluster,
  name: string,
  wayToNats: TcpProxy,
): Promise<void> {
  const own = (await cluster.owned()).get(name) ?? [];
  const merchants = merchantsOf(own, Math.min(own.length, probesMax));
  const client = new Client(cluster.edge.url, tokenOf(), probesMax);
  const killed = nodeOf(cluster, name).kill();
  const startedMs = performance.now();
  const probes = merchants.map((merchantId) =>
    client.quota("consume", {
      merchant_id: merchantId,
      currency,
      order_no: "after-the-kill",
      amount: 1,
    }),
  );
  const answers = await Promise.all(probes);
  const backMs = performance.now() - startedMs;
  await killed;
  client.close();
  t.deepEqual(
    answers.filter((answer) => !isDecision(answer)),
    [],
  );

  const [busy = 0] = loadavg();
  const boundMs = 6_000 * Math.max(1, busy / cpus().length);
  t.log(
    `${merchants.length} merchants of ${own.length} shards were served again ${(backMs / 1_000).toFixed(2)} s after the kill (promised: 3 s on an idle machine; asserted at load ${busy.toFixed(1)}: ${(boundMs / 1_000).toFixed(0)} s)`,
  );
  t.true(backMs < boundMs);
  await cluster.start(name, { NATS_URL: `nats://127.0.0.1:${wayToNats.port}` });
  await cluster.untilShared(...names);
}

/**
 * Nothing passes between it and NATS, which the others reach: they close its writer and serve its merchants. When it is
 * reached again, it comes back as another writer.
 */
async function isCutOff(
  t: ExecutionContext,
  cluster: ProcessCluster,
  name: string,
  wayToNats: TcpProxy,
): Promise<void> {
  const node = nodeOf(cluster, name);
  const others = names.filter((each) => each !== name);
  const before = await writerOf(cluster, name);
  const client = new Client(cluster.edge.url, tokenOf());
  const owned = await cluster.owned();
  const consumeOf = (owner: string, orderNo: string): Promise<Answer> => {
    const [merchantId] = merchantsOf(owned.get(owner) ?? [], 1);
    const asked = { merchant_id: merchantId, currency, order_no: orderNo, amount: 1 };
    return client.quota("consume", asked);
  };
  const fromMs = performance.now();
  wayToNats.turn(cut);
  try {
    isDecided(t, await consumeOf("shard-2", "of-another-while-it-is-cut-off"));
    await cluster.untilShared(...others);
    const goneMs = performance.now() - fromMs;
    t.log(`what is cut off has lost its shards ${(goneMs / 1_000).toFixed(2)} s after the cut`);
    isDecided(t, await consumeOf(name, "while-it-is-cut-off"));
    await sinceFor(fromMs, lastsMs);
    t.is(await writerOf(cluster, name), null);
    t.false(await isReady(node));
  } finally {
    wayToNats.turn(clear);
  }
  await cluster.untilShared(...names);
  await cameBack(t, cluster, name, before);
  const isReached = async () => isDecision(await consumeOf(name, "after-the-cut"));
  await until("it is reached again", isReached, noticedMaxMs);
  client.close();
}

/** Stopped for longer than its lease: it is fenced, commits nothing, and comes back as another writer. */
async function standsStill(
  t: ExecutionContext,
  cluster: ProcessCluster,
  name: string,
): Promise<void> {
  const node = nodeOf(cluster, name);
  const before = await writerOf(cluster, name);
  const fromMs = performance.now();
  process.kill(node.pid, "SIGSTOP");
  try {
    await cluster.untilShared(...names.filter((each) => each !== name));
    await sinceFor(fromMs, lastsMs);
  } finally {
    process.kill(node.pid, "SIGCONT");
  }
  await cluster.untilShared(...names);
  await cameBack(t, cluster, name, before);
}

/** It has lost its writer once, has committed nothing more with it, and has another. */
async function cameBack(
  t: ExecutionContext,
  cluster: ProcessCluster,
  name: string,
  before: unknown,
): Promise<void> {
  const after = await writerOf(cluster, name);
  t.truthy(after);
  t.not(after, before);
  const left = `select seq from journal where writer_id = ${String(before)}`;
  t.deepEqual(await cluster.rows(left), []);
  const lost = nodeOf(cluster, name)
    .log()
    .filter((line) => line["msg"] === "the writer is lost" && line["writer"] === before);
  t.is(lost.length, 1);
}

/** Resolves so long after that moment. */
async function sinceFor(fromMs: number, forMs: number): Promise<void> {
  const leftMs = Math.max(0, fromMs + forMs - performance.now());
  await new Promise((resolve) => setTimeout(resolve, leftMs));
}

/** While Postgres is away nothing is taken, and whoever asks is told; then everything goes on by itself. */
async function restartsPostgres(t: ExecutionContext, cluster: ProcessCluster): Promise<void> {
  const { edge, postgres } = cluster;
  await (await faultOfPostgres(postgres)).shutDown();
  await until("the edge is not ready", async () => !(await isReady(edge)), noticedMaxMs);
  const client = new Client(edge.url, tokenOf());
  const answer = await client.quota("consume", {
    merchant_id: "merchant-0",
    currency,
    order_no: "while-postgres-is-away",
    amount: 1,
  });
  client.close();
  // What waits behind a commit of unknown outcome is not told that nothing happened: 504, which says to ask again.
  t.true(answer.status === 503 || answer.status === 504, JSON.stringify(answer));
  if (answer.status === 503) t.true(Number(answer.headers["retry-after"]) >= 1);

  await postgres.restart();
  for (const node of [edge, ...cluster.nodes.values()]) {
    await until("it is ready again", () => isReady(node), noticedMaxMs);
  }
  await cluster.untilShared(...names);
}

function nodeOf(cluster: ProcessCluster, name: string): ServiceProcess {
  const node = cluster.nodes.get(name);
  if (!node) throw new Error(`${name} was not started`);
  return node;
}

async function writerOf(cluster: ProcessCluster, name: string): Promise<unknown> {
  const rows = await cluster.rows(
    `select max(writer_id)::text as writer from writers where node = '${name}' and closed_at is null`,
  );
  return rows[0]?.["writer"];
}

async function isReady({ url }: ServiceProcess): Promise<boolean> {
  return (await fetch(`${url}/health/ready`)).status === 200;
}

function isDecided(t: ExecutionContext, answer: Answer): void {
  t.true(isDecision(answer), JSON.stringify(answer));
}

function isDecision({ verdict }: Answer): boolean {
  return verdict === "applied" || verdict === "refused";
}

/** Neither done nor refused, and not told to come again either. */
function isNeitherDecidedNorFault(answer: Answer): boolean {
  return !isDecision(answer) && answer.status !== 503 && answer.status !== 504;
}
