import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type { Row } from "../../src/platform/database.ts";
import { argsTo, legacyContract, numberIn, size } from "../support/legacy-contract.ts";
import { asked, makeLegacyDatabase } from "../support/legacy-database.ts";
import { quotactl } from "../support/legacy-process.ts";
import { existing } from "../support/quota-builders.ts";

const onServer = legacyContract();

onServer(
  "rows that cannot be mapped stop it before it writes, or are left out if they are to be",
  async (t, { server }) => {
    const [old, target] = [await server.newDatabase(), await server.newDatabase()];
    await makeLegacyDatabase(old, { ...size, merchants: 20, logRows: 100 });
    await asked(old, async (client) => {
      await client.query("alter table merchant_limits alter merchant_id type text");
      await client.query("alter table limit_usage_logs alter merchant_id type text");
      await client.query(`
      update merchant_limits set merchant_id = 'no merchant!' where id = (select min(id::text) from merchant_limits)::uuid`);
      await client.query(`
      update merchant_limits set daily_used = -5 where id = (select max(id::text) from merchant_limits)::uuid`);
      await client.query(`
      update limit_usage_logs set amount = -7 where id = (select min(id::text) from limit_usage_logs)::uuid`);
    });

    const stopped = await quotactl(target, argsTo(old, "--apply"));
    const written = await numberIn(target, "select count(*) as n from quota_usage_logs");
    const skipped = await quotactl(target, argsTo(old, "--apply", "--skip-bad", "--json"));

    t.is(stopped.code, 1);
    t.regex(stopped.stdout, /merchant_limits "no merchant!": merchant_id is not 1 to 64/);
    t.regex(stopped.stdout, /daily_used is negative \(-5\)/);
    t.regex(stopped.stderr, /3 rows cannot be migrated: .*--skip-bad/);
    t.is(written, 0);
    t.is(skipped.code, 0, skipped.stderr);
    t.like(JSON.parse(skipped.stdout), { state: "done", equal: true, bad_rows: 3 });
    t.is(await numberIn(target, "select count(*) as n from merchant_quotas"), 18);
    t.is(await numberIn(target, "select count(*) as n from quota_usage_logs"), 99);
  },
);

onServer(
  "columns that the old tables do not have are missed only where nothing goes without them",
  async (t, { server }) => {
    const [old, target] = [await server.newDatabase(), await server.newDatabase()];
    await makeLegacyDatabase(old, { ...size, merchants: 20, logRows: 100 });
    await asked(old, async (client) => {
      await client.query(
        `alter table merchant_limits drop deleted_at, drop suspended_at, drop daily_reset_at, drop refunded_today`,
      );
      await client.query(
        "alter table limit_usage_logs drop deleted_at, drop metadata, drop success",
      );
    });

    await asked(old, async (client) => {
      await client.query("alter table merchant_limits alter daily_used type numeric(20, 2)");
      await client.query("alter table limit_usage_logs alter amount type numeric(20, 2)");
    });

    const tolerant = await quotactl(target, argsTo(old, "--apply"));
    await asked(old, async (client) => {
      await client.query("alter table limit_usage_logs drop merchant_id");
    });
    const clear = await quotactl(target, argsTo(old, "--dry-run"));

    t.is(tolerant.code, 0, tolerant.stderr);
    t.is(clear.code, 1);
    t.regex(
      clear.stderr,
      /has no limit_usage_logs.merchant_id: is it the one of merchant-limit-service/,
    );
  },
);

onServer(
  "tiers and custom limits are handed to the policy service as a file",
  async (t, { server, old }) => {
    const target = await server.newDatabase();
    const folder = mkdtempSync(join(tmpdir(), "quota-policies-"));
    t.teardown(() => {
      rmSync(folder, { recursive: true, force: true });
    });
    const file = join(folder, "policies.json");

    const { code } = await quotactl(
      target,
      argsTo(await old(), "--dry-run", "--export-policies", file),
    );

    t.is(code, 0);
    const exported = JSON.parse(readFileSync(file, "utf8")) as {
      readonly tiers: readonly Row[];
      readonly merchants: readonly { readonly limits: Row }[];
    };
    t.like(exported, { format: "merchant-limit-service policies", version: 1, currency: "USD" });
    t.is(exported.tiers.length, 5);
    t.is(exported.merchants.length, size.merchants);
    const own = exported.merchants.filter(({ limits }) => "daily_limit" in limits);
    t.is(own.length, Math.floor(size.merchants / 7));
    t.is(typeof existing(own[0]).limits["monthly_limit"], "number");
  },
);

onServer("the embedded store takes the old data over as well", async (t, { server }) => {
  const old = await server.newDatabase();
  await makeLegacyDatabase(old, { ...size, merchants: 20, logRows: 100 });
  const folder = mkdtempSync(join(tmpdir(), "quota-embedded-"));
  t.teardown(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  const first = await quotactl(folder, argsTo(old, "--apply", "--json"));
  const second = await quotactl(folder, argsTo(old, "--apply", "--json"));

  t.is(first.code, 0, first.stderr);
  t.like(JSON.parse(first.stdout), { state: "done", equal: true });
  t.like(JSON.parse(second.stdout), { state: "was_done", equal: true });
});
