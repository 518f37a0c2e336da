import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";

import test, { type ExecutionContext } from "ava";

import { Dice } from "../sim/time/dice.ts";
import { quotactl } from "../support/legacy-process.ts";
import { Client } from "../support/load-clients.ts";
import { tokenOf } from "../support/service-process.ts";
import { type Gateways, type Intent, startGateways } from "./gateways.ts";
import { check, type Stored } from "./history.ts";
import { type Report, reportText } from "./report.ts";
import { type Round, roundsOf } from "./schedule.ts";
import { calm, edgeNames, startStormCluster, type StormCluster } from "./storm-cluster.ts";

/** FAULTS_SEED replays a schedule; FAULTS_SECONDS goes on with new rounds for so long. Each kind comes once at least. */
const seed = Number(process.env["FAULTS_SEED"] ?? Math.floor(Math.random() * 1e9));
const seconds = Number(process.env["FAULTS_SECONDS"] ?? 200);
const replay = `FAULTS_SEED=${seed} FAULTS_SECONDS=${seconds} npm run test:faults -- --match='whatever breaks*'`;

const dailyLimit = 600;
const gatewaysCount = 12;
const merchantsOfRound = 6;
/** Between two rounds, so that each finds a cluster at work. */
const decidedBetween = 60;
const repeatsMax = 300;
/** Shown of each kind of what is wrong. */
const shownMax = 5;

test.serial(
  "whatever breaks under load, nothing acknowledged is lost, none is counted twice, and no limit is passed",
  async (t) => {
    t.log(replay);
    const cluster = await startStormCluster(t, {
      DEFAULT_DAILY_LIMIT: String(dailyLimit),
      LEASE_MS: "2000",
      REQUEST_TIMEOUT_MS: "2000",
    });
    if (!cluster) {
      t.pass();
      return;
    }
    const startedMs = performance.now();
    let round = 0;
    const gateways = startGateways(t, {
      urls: () => edgeNames.map((name) => cluster.members.get(name)?.process().url ?? ""),
      token: tokenOf(),
      count: gatewaysCount,
      merchants: () => Array.from({ length: merchantsOfRound }, (_, n) => `merchant-${round}-${n}`),
      seed,
    });
    const faults: string[] = [];
    const dice = new Dice(seed);
    const secondsPassed = (): number => (performance.now() - startedMs) / 1_000;
    for (let deck = 1; deck === 1 || secondsPassed() < seconds; deck += 1) {
      for (const faultsAtOnce of roundsOf(dice)) {
        if (deck > 1 && secondsPassed() >= seconds) break;
        await live(t, cluster, gateways, faultsAtOnce);
        faults.push(...faultsAtOnce.map(({ fault }) => fault.kind));
        round += 1;
      }
    }
    const stormSeconds = secondsPassed();
    await gateways.stop();
    await cluster.untilWell();

    const repeatedWrong = await repeats(cluster, gateways.intents);
    const found = check(gateways.intents, await storedIn(cluster));
    const verified = await quotactl(cluster.address, ["verify", "--json"]);
    const report: Report = {
      seed,
      seconds: stormSeconds,
      rounds: round,
      faults: countsOf(faults),
      found,
      repeatedWrong,
    };
    const file = process.env["FAULTS_REPORT"] ?? join(import.meta.dirname, "report.json");
    writeFileSync(
      file,
      `${JSON.stringify({ ...report, verify: JSON.parse(verified.stdout) as unknown }, null, 2)}\n`,
    );
    t.log(reportText(report));
    t.log(`also in ${file}`);

    t.deepEqual(shown(found.lost), []);
    t.deepEqual(shown(found.doubled), []);
    t.deepEqual(shown(found.aboveLimit), []);
    t.deepEqual(shown(found.wrong), []);
    t.deepEqual(shown(repeatedWrong), []);
    t.is(found.undecided, 0);
    t.is(verified.code, 0, verified.stdout + verified.stderr);
    t.true(found.acknowledged > 0 && found.refused > 0);
  },
);

/** All of a round begins at once, each lasts its time, and then the cluster is well again by itself. */
async function live(
  t: ExecutionContext,
  cluster: StormCluster,
  gateways: Gateways,
  round: Round,
): Promise<void> {
  const names = round.map(
    ({ fault, lastsMs }) => `${fault.kind} (${fault.subject}, ${lastsMs} ms)`,
  );
  try {
    const ends = await Promise.all(round.map(({ fault }) => fault.begin(cluster)));
    // Each by itself: what is to start again may need what another has taken away.
    await Promise.all(
      ends.map(async (end, place) => {
        await wait(round[place]?.lastsMs);
        await end();
      }),
    );
    for (const member of cluster.members.values()) calm(member);
    const endedMs = performance.now();
    await cluster.untilWell();
    await gateways.untilDecided(decidedBetween);
    t.log(
      `${names.join(" + ")}: well ${((performance.now() - endedMs) / 1_000).toFixed(1)} s after`,
    );
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new Error(`${why}, in the round of ${names.join(" + ")}; ${replay}`, { cause: error });
  }
}

/** Sends some of what was acknowledged again. @returns what was not answered as the first time */
async function repeats(
  cluster: StormCluster,
  intents: readonly Intent[],
): Promise<readonly string[]> {
  const url = cluster.members.get("edge-1")?.process().url ?? "";
  const client = new Client(url, tokenOf());
  const wrong: string[] = [];
  const step = Math.max(1, Math.floor(intents.length / repeatsMax));
  for (const { orderNo, operation, body, observed } of intents.filter((_, n) => n % step === 0)) {
    const first = observed.find(({ answer }) => answer.verdict === "applied");
    if (!first) continue;
    const again = await client.quota(operation, body);
    const isSame =
      again.status === 200 &&
      again.body["duplicate"] === true &&
      again.body["log_id"] === first.answer.body["log_id"];
    if (!isSame)
      wrong.push(`${orderNo} ${operation}: ${String(again.status)} ${JSON.stringify(again.body)}`);
  }
  client.close();
  return wrong;
}

async function storedIn(cluster: StormCluster): Promise<Stored> {
  const sums = ["daily_used", "monthly_used", "yearly_used", "pending", "reserved"];
  const columns = sums.flatMap((sum) => [`${sum}_before`, `${sum}_after`]);
  const numbers = [...columns, "version"].map((name) => `${name}::float8`).join(", ");
  const entries = await cluster.rows(
    `select id, merchant_id, order_no, refund_no, action_type, ${numbers}
     from quota_usage_logs_live where success`,
  );
  const quotas = await cluster.rows(
    `select merchant_id, daily_used::float8, monthly_used::float8, yearly_used::float8,
       pending_amount::float8, reserved_amount::float8, version::float8
     from merchant_quotas_live`,
  );
  return { entries, quotas, dailyLimit };
}

function countsOf(kinds: readonly string[]): Readonly<Record<string, number>> {
  const counts = new Map<string, number>();
  for (const kind of kinds) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  return Object.fromEntries(counts);
}

function shown(lines: readonly string[]): readonly string[] {
  return lines.length > shownMax
    ? [...lines.slice(0, shownMax), `… ${lines.length} in all`]
    : lines;
}
