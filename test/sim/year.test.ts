import type { ExecutionContext } from "ava";

import { graceMs } from "../../shards/jobs/reset-sweep.ts";
import { quotaFrom } from "../../shards/store/stored.ts";
import { type Instant, instant } from "../../src/domain/instant.ts";
import { calendarAt, perWindow, windowNames } from "../../src/domain/period.ts";
import { type Quota, rolled } from "../../src/domain/quota.ts";
import type { Database } from "../../src/platform/database.ts";
import { NaiveModel } from "../support/naive-model.ts";
import { at, existing } from "../support/quota-builders.ts";
import { emptyAllText, kinds, rowsOf, storeContract } from "../support/store-contract.ts";
import { randomFrom } from "../support/store-story.ts";
import { sweep } from "../support/swept-merchants.ts";
import { mismatches } from "../support/verified-story.ts";
import { yearStory, type YearMerchant } from "../support/year-story.ts";
import { ZonedMerchants } from "../support/zoned-merchants.ts";

const { test } = storeContract();
/** SEED replays one year, SIM_SEEDS lives through that many. */
const given = process.env["SEED"];
const seedsMax = Number(process.env["SIM_SEEDS"] ?? 1);
const seeds =
  given === undefined ? Array.from({ length: seedsMax }, (_, n) => 5 + 61 * n) : [Number(given)];
const hourMs = 3_600_000;
const afterwards = at("2026-01-03T15:00:00Z");

type Random = (below: number) => number;
type Sweeps = (database: Database, now: Instant) => Promise<unknown>;

/** How the sweeps come: when after each of the story's midnights, and what then happens. */
interface Mode {
  readonly delayMs: (random: Random) => number | null;
  readonly sweeps: Sweeps;
}

const once: Sweeps = (database, now) => sweep(database, { now });
const modes: Readonly<Record<string, Mode>> = {
  off: { delayMs: () => null, sweeps: once },
  on: { delayMs: () => graceMs, sweeps: once },
  late: { delayMs: (random) => graceMs + random(72 * hourMs), sweeps: once },
  doubled: {
    delayMs: () => graceMs,
    sweeps: async (database, now) => {
      await Promise.all([sweep(database, { now }), sweep(database, { now, purpose: "outbox" })]);
      await sweep(database, { now });
    },
  },
};

/** What happens in the year, in its order in time. */
interface Happening {
  readonly when: Instant;
  readonly happen: () => Promise<unknown>;
}

/** The numbers of a quota that the model counts too. */
function numbersOf(quota: Quota) {
  return {
    windows: perWindow((name) => {
      const { used, held, count, refunded } = quota.windows[name];
      return { used, held, count, refunded };
    }),
    pending: quota.pending,
    reserved: quota.reserved,
    isSuspended: quota.suspension !== null,
  };
}

for (const [name, mode] of Object.entries(modes)) {
  // Two sweeps run side by side only where there are two connections.
  const stores = name === "doubled" ? kinds : (["pglite"] as const);
  for (const store of stores) {
    for (const seed of seeds) {
      test(`${store}: a year in 12 zones counts as the model does, with the jobs ${name} (SEED=${seed} npm run test:sim)`, async (t) => {
        const database = t.context[store];
        if (database) await live(t, database, seed, mode);
        else t.pass();
      });
    }
  }
}

async function live(
  t: ExecutionContext,
  database: Database,
  seed: number,
  mode: Mode,
): Promise<void> {
  await rowsOf(database, emptyAllText);
  const merchants = yearStory(randomFrom(seed));
  const random = randomFrom(seed + 1);
  const limits = new Map(merchants.map((each) => [each.key.text, each.limits]));
  const owner = await ZonedMerchants.begin(database, limits);
  const models = new Map(merchants.map((each) => [each.key.text, new NaiveModel()]));
  /** What the model counted last in each period of a merchant. */
  const totals = new Map<string, bigint>();

  const told = ({ key, limits: inForce, steps }: YearMerchant): Happening[] =>
    steps.map(({ when, command }) => ({
      when,
      happen: async () => {
        const model = existing(models.get(key.text));
        const answer = await owner.ask(command, when);
        t.is(answer, model.ask(command, inForce, when), `${key.text} ${command.kind}`);
        const quota = await owner.standing(key, when);
        const numbers = model.numbers(inForce.zone, when);
        t.deepEqual(numbersOf(quota), numbers);
        for (const window of windowNames) {
          totals.set(`${key.text} ${quota.windows[window].period}`, numbers.windows[window].used);
        }
        if (random(10) < 7) await owner.checkpoint();
        if (random(10) < 3) await owner.forget();
      },
    }));
  const swept = ({ midnights }: YearMerchant): Happening[] =>
    midnights.flatMap((midnight) => {
      const delayMs = mode.delayMs(random);
      if (delayMs === null) return [];
      const when = instant(midnight + delayMs);
      return [{ when, happen: () => mode.sweeps(database, when) }];
    });
  const year = merchants.flatMap((each) => [...told(each), ...swept(each)]);
  year.sort((a, b) => a.when - b.when);

  for (const { happen } of year) await happen();
  await owner.forget();
  if (mode.delayMs(random) !== null) await mode.sweeps(database, afterwards);

  for (const {
    key,
    limits: { zone },
  } of merchants) {
    const [row] = await rowsOf(database, "select * from merchant_quotas where quota_key = $1", [
      key.text,
    ]);
    const quota = rolled(quotaFrom(existing(row), key), calendarAt(afterwards, zone));
    const model = existing(models.get(key.text));
    t.deepEqual(numbersOf(quota), model.numbers(zone, afterwards));
  }
  t.is(await assertEntries(t, database, totals), mode.delayMs(random) !== null);
  await rowsOf(database, "insert into shards (shard) values (0)");
  t.deepEqual(await mismatches(database), []);
}

/** Each entry of a sweep ends its periods with what the model counted in them, and no period ends twice. */
async function assertEntries(
  t: ExecutionContext,
  database: Database,
  totals: ReadonlyMap<string, bigint>,
): Promise<boolean> {
  const ends = await rowsOf(
    database,
    `select merchant_id || ' ' || currency || ' ' || period as period, used, after
     from quota_usage_logs, lateral (values
       (metadata->>'ended_day', daily_used_before, daily_used_after),
       (metadata->>'ended_month', monthly_used_before, monthly_used_after),
       (metadata->>'ended_year', yearly_used_before, yearly_used_after)
     ) as ended (period, used, after)
     where action_type = 'reset' and operator_type = 'system' and period is not null`,
  );
  for (const { period, used, after } of ends) {
    // A day that a sweep began and nobody used has nothing to tell.
    t.is(used, totals.get(String(period)) ?? 0n, String(period));
    t.is(after, 0n);
  }
  t.is(new Set(ends.map(({ period }) => period)).size, ends.length);
  return ends.length > 0;
}
