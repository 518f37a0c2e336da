import { browserTest } from "../support/browser-test.ts";
import { consume, openConsole, send } from "../support/console-scene.ts";
import { postgresEnvironment, startService } from "../support/service-process.ts";
import { realPostgres } from "../support/services.ts";

browserTest(
  "an operator sees who owns which shard, empties a node after seeing the plan, and pins a shard",
  async (t, browser) => {
    const postgres = await realPostgres();
    if ("skipped" in postgres) {
      t.pass(postgres.skipped);
      return;
    }
    t.teardown(() => postgres.stop());
    const shared = {
      ...postgresEnvironment(await postgres.newDatabase()),
      SHARD_COUNT: "16",
      LEASE_MS: "2000",
    };
    const { url } = await startService(t, { ...shared, NODE_NAME: "node-a" });
    await startService(t, { ...shared, NODE_NAME: "node-b" });
    const scene = await openConsole(t, browser, url);
    const { page, signIn, sees, accessFindings, troubles } = scene;
    await signIn();
    await page.getByRole("link", { name: "Cluster" }).click();
    const nodes = page.getByRole("region", { name: "Nodes" }).getByRole("row");
    const map = (node: string, shards: number) =>
      page.getByRole("list", { name: new RegExp(`^${node}: ${String(shards)} shards`) });
    await sees(nodes, /node-a.*serves.*8/s);
    await sees(nodes, /node-b.*serves.*8/s);
    t.is(await map("node-a", 8).getByRole("listitem").count(), 8);
    t.deepEqual(await accessFindings(), []);

    // Those of node-a are answered; this edge cannot reach the other node.
    const orders = Array.from({ length: 50 }, (_, n) => consume(`M-${n}`, "USD", `A-${n}`, 100));
    await send(url, orders);
    await page.locator(".map li:not(.shade-0)").first().waitFor();

    const dialog = page.getByRole("dialog");
    await page.getByRole("button", { name: "Drain node-b" }).click();
    await sees(dialog.getByRole("row"), /Shards of node-a.*8.*16/s);
    await sees(dialog.getByRole("listitem"), /node-b → node-a: 8/);
    t.deepEqual(await accessFindings(), []);
    await dialog.getByRole("button", { name: "Cancel" }).click();
    t.is(await map("node-b", 8).count(), 1);
    await page.getByRole("button", { name: "Drain node-b" }).click();
    await dialog.getByRole("button", { name: "Drain" }).click();
    await sees(page.getByRole("status"), /drain node-b is done: 8 shards moved/);
    await map("node-a", 16).waitFor();
    await sees(nodes, /node-b.*is emptied.*0/s);
    await sees(page.getByRole("region", { name: "Hand-overs" }), /node-b → node-a/);

    await page.getByRole("button", { name: "Take back node-b" }).click();
    await dialog.getByRole("button", { name: "Take back" }).click();
    await map("node-b", 8).waitFor();

    await map("node-a", 8).getByRole("button").first().focus();
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("Enter");
    await page.getByRole("button", { name: "Pin", exact: true }).click();
    await dialog.getByLabel("To node").selectOption("node-b");
    await sees(dialog.getByRole("listitem"), "node-a → node-b: 1");
    await dialog.getByRole("button", { name: "Pin" }).click();
    await sees(page.getByRole("status"), /pin shard \d+ to node-b is done/);
    await sees(page.locator("dl.pairs"), /Pinned to\s*node-b/);
    await page.getByRole("button", { name: "Unpin" }).click();
    await dialog.getByRole("button", { name: "Unpin" }).click();
    await sees(page.locator("dl.pairs"), /Pinned to\s*–/);
    await page.getByRole("button", { name: "Rebalance" }).click();
    await sees(dialog, "It is so already");
    t.true(await dialog.getByRole("button", { name: "Rebalance" }).isDisabled());
    t.deepEqual(troubles, []);
  },
);
