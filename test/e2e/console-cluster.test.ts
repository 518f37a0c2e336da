import type { ExecutionContext } from "ava";
import type { Browser } from "playwright-core";

import type { ClusterReply } from "../../src/wire/http-console.ts";
import { browserTest } from "../support/browser-test.ts";
import { asked, consume, openConsole, send } from "../support/console-scene.ts";
import { shared } from "../support/lifetime.ts";
import { until } from "../support/node-clock.ts";
import { startService } from "../support/service-process.ts";
import { storeOnPostgres } from "../support/stores.ts";

/** Two nodes on one database; they hear of each other from the rows alone. */
const pair = shared(async (lifetime) => {
  const store = await storeOnPostgres();
  if (store === undefined) return undefined;
  const settings = { ...store, SHARD_COUNT: "16", LEASE_MS: "2000" };
  const { url } = await startService(lifetime, { ...settings, NODE_NAME: "node-a" });
  await startService(lifetime, { ...settings, NODE_NAME: "node-b" });
  return url;
});

async function clusterAt(url: string): Promise<ClusterReply> {
  return (await asked(url, "cluster")) as ClusterReply;
}

/** A change of the shards' owners, done to its end. */
async function change(url: string, wish: object): Promise<void> {
  await asked(url, "cluster/change", { ...wish, wait_seconds: 60 });
}

const evenMaxMs = 60_000;

/** Whatever an earlier test has left, each begins with eight shards a node and nothing wished. */
async function even(url: string): Promise<void> {
  const { nodes, shards } = await clusterAt(url);
  for (const { node, draining } of nodes) {
    if (draining) await change(url, { action: "undrain", node });
  }
  for (const { shard, pinned_node: pinned } of shards) {
    if (pinned !== null) await change(url, { action: "unpin", shard });
  }
  await until(
    "both nodes have their half",
    async () => {
      const now = await clusterAt(url);
      return now.shards.filter(({ node }) => node === "node-a").length === 8;
    },
    evenMaxMs,
  );
}

/** The cluster page, signed in, with the lists of it that the tests look at; null without a Postgres. */
async function openCluster(t: ExecutionContext, browser: Browser) {
  const url = await pair();
  if (url === undefined) return null;
  await even(url);
  const scene = await openConsole(t, browser, url);
  const { page, signIn } = scene;
  await signIn();
  await page.getByRole("link", { name: "Cluster" }).click();
  const map = (node: string, shards: number) =>
    page.getByRole("list", { name: new RegExp(`^${node}: ${String(shards)} shards`) });
  await map("node-a", 8).waitFor();
  await map("node-b", 8).waitFor();
  return {
    ...scene,
    url,
    map,
    dialog: page.getByRole("dialog"),
    nodes: page.getByRole("region", { name: "Nodes" }).getByRole("row"),
    handOvers: page.getByRole("region", { name: "Hand-overs" }),
  };
}

/** In the page: all that its notice of a change says from now on. */
const noteStatus = `
window.said = [];
new MutationObserver(() => {
  const text = document.querySelector(".notice[role=status]")?.innerText;
  if (text !== undefined && text !== window.said.at(-1)) window.said.push(text);
}).observe(document.body, { childList: true, subtree: true, characterData: true });`;

const noPostgres = "no Postgres: a line has said so";

browserTest(
  "an operator sees who owns which shard, empties a node after seeing the plan, and pins a shard",
  async (t, browser) => {
    const cluster = await openCluster(t, browser);
    if (cluster === null) return void t.pass(noPostgres);
    const { page, url, map, dialog, nodes, handOvers } = cluster;
    const { sees, accessFindings, troubles } = cluster;
    await sees(nodes, /node-a.*serves.*8/s);
    await sees(nodes, /node-b.*serves.*8/s);
    t.is(await map("node-a", 8).getByRole("listitem").count(), 8);
    t.deepEqual(await accessFindings(), []);

    // Those of node-a are answered; this edge cannot reach the other node.
    const orders = Array.from({ length: 50 }, (_, n) => consume(`M-${n}`, "USD", `A-${n}`, 100));
    await send(url, orders);
    await page.locator(".map li:not(.shade-0)").first().waitFor();

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
    await sees(handOvers, /node-b → node-a/);

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

browserTest(
  "an operator moves a shard to another node, which keeps it without a pin",
  async (t, browser) => {
    const cluster = await openCluster(t, browser);
    if (cluster === null) return void t.pass(noPostgres);
    const { page, url, map, dialog, handOvers, sees, troubles } = cluster;
    await map("node-a", 8).getByRole("button").first().click();
    const heading = page.getByRole("heading", { name: /^Shard \d+$/ });
    const shard = Number(/\d+/.exec(await heading.innerText())?.[0]);
    const card = page.getByRole("region", { name: `Shard ${shard}`, exact: true });
    await sees(card, /Owner\s*node-a/);
    await card.getByRole("button", { name: "Move" }).click();
    // Nodes that have it already are not offered.
    t.deepEqual(await dialog.getByLabel("To node").getByRole("option").allInnerTexts(), ["node-b"]);
    await sees(dialog.getByRole("listitem"), "node-a → node-b: 1");
    await dialog.getByRole("button", { name: "Move" }).click();

    await sees(page.getByRole("status"), new RegExp(`move shard ${shard} to node-b is done`));
    await sees(card, /Owner\s*node-b.*Pinned to\s*–/s);
    await sees(handOvers.getByRole("listitem"), new RegExp(`Shard ${shard}\\s*node-a → node-b`));
    const { shards } = await clusterAt(url);
    t.like(
      shards.find((each) => each.shard === shard),
      { node: "node-b", pinned_node: null },
    );
    t.deepEqual(troubles, []);
  },
);

browserTest(
  "an operator sees what a rebalance would take away and move, runs it, and watches it to its end",
  async (t, browser) => {
    const cluster = await openCluster(t, browser);
    if (cluster === null) return void t.pass(noPostgres);
    const { page, url, map, dialog, handOvers, sees, troubles } = cluster;
    // All of node-a's and four of the other's: that is what a plan cannot even out.
    const { shards } = await clusterAt(url);
    const own = shards.filter(({ node }) => node === "node-a");
    const others = shards.filter(({ node }) => node === "node-b").slice(0, 4);
    for (const { shard } of [...own, ...others]) {
      await change(url, { action: "pin", shard, node: "node-a" });
    }
    await map("node-a", 12).waitFor();

    await page.getByRole("button", { name: "Rebalance" }).click();
    await sees(dialog.getByRole("row"), /Shards of node-a.*12.*8/s);
    await sees(dialog.getByRole("row"), /Shards of node-b.*4.*8/s);
    await sees(dialog.getByRole("listitem"), "node-a → node-b: 4");
    await page.evaluate(noteStatus);
    await dialog.getByRole("button", { name: "Rebalance" }).click();
    await sees(page.getByRole("status"), /rebalance is done: 4 shards moved/);
    await map("node-b", 8).waitFor();
    await sees(handOvers, /node-a → node-b/);

    const said = await page.evaluate<readonly string[]>("window.said");
    t.regex(said[0] ?? "", /rebalance \d of 4 shards have moved…/, JSON.stringify(said));
    const now = await clusterAt(url);
    t.is(now.shards.filter(({ pinned_node: pinned }) => pinned !== null).length, 8);
    t.deepEqual(troubles, []);
  },
);
