import { forgetLimits, rememberLimits } from "../../shards/limits/sql.ts";
import { tableLookup } from "../../shards/store/lookup.ts";
import type { Database } from "../../src/platform/database.ts";
import { at, key } from "../support/quota-builders.ts";
import { storeContract } from "../support/store-contract.ts";

const { contract } = storeContract();
const owner = key("M-1");

async function remember(database: Database, policy: string, fetchedAt: string): Promise<void> {
  const values = [[owner.text], [7], [policy], ["1"], [new Date(fetchedAt)]];
  await database.session("limits").run(rememberLimits, values);
}

async function forget(database: Database, knownAt: string): Promise<void> {
  await database.session("limits").run(forgetLimits, [[owner.text], [new Date(knownAt)]]);
}

async function known(database: Database): Promise<readonly unknown[]> {
  const { limits } = await tableLookup(database.session("prefetch")).find([owner, key("M-2")], []);
  return [...limits.entries()];
}

contract("of two nodes' limits of a merchant the later fetched stay", async (t, database) => {
  await remember(database, '{"daily_limit":"5"}', "2026-11-22T12:00:01Z");
  await remember(database, '{"daily_limit":"4"}', "2026-11-22T12:00:00Z");

  const newest = { policy: '{"daily_limit":"5"}', fetchedAt: at("2026-11-22T12:00:01Z") };
  t.deepEqual(await known(database), [[owner.text, newest]]);
});

contract(
  "limits fetched after the policy was known to be gone are not forgotten",
  async (t, database) => {
    await remember(database, '{"daily_limit":"5"}', "2026-11-22T12:00:01Z");

    await forget(database, "2026-11-22T12:00:00Z");
    t.is((await known(database)).length, 1);
    await forget(database, "2026-11-22T12:00:02Z");

    t.deepEqual(await known(database), []);
  },
);
