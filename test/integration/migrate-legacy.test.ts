import { setTimeout as wait } from "node:timers/promises";

import {
  argsTo,
  checksums,
  legacyContract,
  numberIn,
  rowsIn,
  type Served,
  size,
} from "../support/legacy-contract.ts";
import { type Quotactl, quotactl, startQuotactl } from "../support/legacy-process.ts";
import { existing } from "../support/quota-builders.ts";
import type { PostgresAddress } from "../support/services.ts";

const onServer = legacyContract();

/** The old database taken over, once for all who look at what comes of it: others take a copy. */
let taken: Promise<{ readonly target: PostgresAddress; readonly run: Quotactl }> | undefined;

function takenOver({ server, old }: Served): NonNullable<typeof taken> {
  const take = async (): Promise<{ target: PostgresAddress; run: Quotactl }> => {
    const target = await server.newDatabase();
    return { target, run: await quotactl(target, argsTo(await old(), "--apply")) };
  };
  taken ??= take();
  return taken;
}

async function copyOfTaken(served: Served): Promise<PostgresAddress> {
  return served.server.newDatabase((await takenOver(served)).target);
}

onServer(
  "an operator who only looks changes nothing, and sees that the sums are equal",
  async (t, { server, old }) => {
    const target = await server.newDatabase();

    const { code, stdout } = await quotactl(target, argsTo(await old(), "--dry-run", "--json"));

    t.is(code, 0);
    t.like(JSON.parse(stdout), { state: "dry_run", equal: true, bad_rows: 0 });
    t.is(
      await numberIn(
        target,
        "select count(*) as n from pg_class where relname = 'merchant_quotas'",
      ),
      0,
    );
  },
);

onServer(
  "what the old service had is here, and a second run changes nothing",
  async (t, served) => {
    const { run: first } = await takenOver(served);
    const target = await copyOfTaken(served);
    const after = await checksums(target);
    const second = await quotactl(target, argsTo(await served.old(), "--apply", "--json"));

    t.is(first.code, 0, first.stderr);
    t.regex(first.stdout, /^migrated\n/);
    t.regex(first.stderr, /writing: 12000 of 12000 rows/);
    t.is(second.code, 0, second.stderr);
    t.like(JSON.parse(second.stdout), { state: "was_done", equal: true, keys_in_use: 0 });
    t.deepEqual(await checksums(target), after);
    t.deepEqual(
      after.map(({ count }) => Number(count)).filter((_, at) => at !== 1),
      [size.merchants, size.logRows],
    );
    t.is(
      await numberIn(target, "select count(*) as n from quota_usage_logs_other"),
      0,
      "every month has a partition",
    );
  },
);

onServer(
  "a migration that is killed and run again ends in the same tables as one that was not",
  async (t, served) => {
    const [straight, killed] = [await copyOfTaken(served), await served.server.newDatabase()];
    const old = await served.old();

    let kills = 0;
    let wrote = 0;
    while (kills < 3) {
      const random = Math.random();
      const run = startQuotactl(killed, argsTo(old, "--apply", "--batch", "200"));
      const state: { isOver: boolean } = { isOver: false };
      void run.ended.then(() => {
        state.isOver = true;
      });
      const goal = wrote + 1 + Math.floor(random * 600);
      while (!state.isOver && (await merchantsOf(killed)) < goal) await wait(5);
      run.kill();
      const { signal } = await run.ended;
      wrote = await merchantsOf(killed);
      t.log(`killed behind ${wrote} merchants`);
      if (signal === null) break;
      kills += 1;
    }
    const last = await quotactl(killed, argsTo(old, "--apply", "--json"));

    t.true(kills > 0);
    t.is(last.code, 0, last.stderr);
    t.like(JSON.parse(last.stdout), { equal: true });
    t.deepEqual(await checksums(killed), await checksums(straight));
  },
);

async function merchantsOf(target: PostgresAddress): Promise<number> {
  const text = "select coalesce(sum(merchants), 0) as n from legacy_migration";
  return numberIn(target, text).catch(() => 0);
}

onServer(
  "nothing is written under a node that serves, nor with other shards",
  async (t, { server, old }) => {
    const target = await server.newDatabase();
    await quotactl(target, ["migrate"]);
    await rowsIn(target, "insert into writers (node) values ('node-a')");

    const served = await quotactl(target, argsTo(await old(), "--apply"));
    await rowsIn(target, "update writers set closed_at = now()");
    await rowsIn(target, "insert into shards (shard) select generate_series(0, 255)");
    const divided = await quotactl(target, argsTo(await old(), "--apply"));

    t.is(served.code, 1);
    t.regex(served.stderr, /a writer is open \(node node-a\): stop every node/);
    t.is(divided.code, 1);
    t.regex(divided.stderr, /set SHARD_COUNT=256/);
    t.is(await numberIn(target, "select count(*) as n from quota_usage_logs"), 0);
  },
);

onServer("a key that is in use here already stays as it is, and is told", async (t, served) => {
  const [target, old] = [await copyOfTaken(served), await served.old()];
  const [used] = await rowsIn(
    target,
    `update merchant_quotas set version = version + 1, daily_used = daily_used + 5
       where quota_key = (select min(quota_key) from merchant_quotas) returning quota_key, daily_used`,
  );

  const { code, stdout } = await quotactl(target, argsTo(old, "--apply", "--json"));

  t.is(code, 0);
  t.like(JSON.parse(stdout), { equal: true, keys_in_use: 1 });
  const [after] = await rowsIn(
    target,
    "select quota_key, daily_used from merchant_quotas where quota_key = $1",
    [existing(used)["quota_key"]],
  );
  t.deepEqual(after, used);
});

onServer("a run that is told too little, or another course, says what to do", async (t, served) => {
  const [target, old] = [await copyOfTaken(served), await served.old()];

  const neither = await quotactl(target, argsTo(old));
  const noUrl = await quotactl(target, ["migrate-legacy", "--from", "old-db", "--dry-run"]);
  const other = await quotactl(target, argsTo(old, "--apply", "--currency", "EUR"));
  const odd = await quotactl(target, argsTo(old, "--apply", "--currency", "DOLLAR"));

  t.is(neither.code, 2);
  t.regex(neither.stderr, /give either --dry-run or --apply/);
  t.is(noUrl.code, 1);
  t.regex(noUrl.stderr, /--from is no URL like postgres:/);
  t.is(other.code, 1);
  t.regex(other.stderr, /was begun with --currency USD, not EUR/);
  t.is(odd.code, 2);
  t.regex(odd.stderr, /DOLLAR is no ISO 4217 code/);
});
