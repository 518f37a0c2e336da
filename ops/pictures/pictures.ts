import { mkdirSync } from "node:fs";
import { join } from "node:path";

import { Command } from "commander";
import { type Browser, chromium, type Page } from "playwright-core";

import { developmentSecret } from "../../src/config.ts";
import { newcomerToken } from "../../src/platform/token.ts";

/*
 * Takes the pictures of the README from a console that runs with the demo's merchants:
 *
 *     npx quotactl demo            in one terminal
 *     npm run pictures             in another
 *
 * That of the cluster shows three nodes. It is left as it is where there is another number, and taken of
 *
 *     PORT=40022 JWT_SECRET=development-only-secret-that-production-refuses ops/dev/cluster.sh up
 *     npx quotactl demo --url http://127.0.0.1:40022 --rate 40
 *     npm run pictures -- --only cluster
 */

/** A page of the console as it is looked at. */
interface Picture {
  readonly name: string;
  readonly hash: string;
  readonly theme: "light" | "dark";
  readonly width: number;
  readonly height: number;
  readonly language?: "en" | "zh";
  /** What has to be there before it is worth a picture. */
  readonly ready: string;
  /** Of a cluster of so many nodes; else any will do. */
  readonly nodes?: number;
  /** Done first. */
  readonly before?: (page: Page) => Promise<void>;
}

const wide = { width: 1200, height: 860 } as const;
const pageMaxMs = 60_000;
/** For the live chart to be full: it shows two minutes. */
const liveMs = 125_000;
const settleMs = 1_500;
const topKeys = 50;
const { stdout } = process;

interface Options {
  readonly url: string;
  readonly out: string;
  readonly merchant?: string;
  readonly only?: string;
  readonly chromium: string;
}

await new Command("pictures")
  .description("take the README's pictures from a running demo")
  .option("--url <url>", "of the service", "http://127.0.0.1:40022")
  .option("--out <folder>", "where they go", "ops/docs/pictures")
  .option("--merchant <id>", "whose page is shown; by default the first that is near a limit")
  .option("--only <name>", "one of them")
  .option("--chromium <path>", "the browser", "/usr/bin/chromium")
  .action(main)
  .parseAsync();

async function main(options: Options): Promise<void> {
  const { url, out, only } = options;
  mkdirSync(out, { recursive: true });
  const merchant = options.merchant ?? (await merchantNearALimit(url));
  const { nodes } = await get<{ readonly nodes: readonly { alive: boolean }[] }>(url, "cluster");
  const living = nodes.filter(({ alive }) => alive).length;
  const browser = await chromium.launch({
    executablePath: options.chromium,
    args: ["--no-sandbox", "--disable-gpu"],
  });
  try {
    for (const picture of picturesOf(merchant)) {
      if (only !== undefined && picture.name !== only) continue;
      if (picture.nodes !== undefined && picture.nodes !== living) {
        stdout.write(
          `${picture.name} is left as it is: it shows ${picture.nodes} nodes, not ${living}\n`,
        );
        continue;
      }
      await take(browser, url, join(out, `${picture.name}.png`), picture);
      stdout.write(`${picture.name}\n`);
    }
  } finally {
    await browser.close();
  }
}

function picturesOf(merchant: string): readonly Picture[] {
  const ofMerchant = `#/merchant/${encodeURIComponent(merchant)}`;
  const live = (page: Page): Promise<void> => page.waitForTimeout(liveMs);
  return [
    {
      ...wide,
      name: "overview",
      hash: "#/overview",
      theme: "light",
      ready: ".tiles",
      before: live,
    },
    {
      ...wide,
      name: "overview-dark",
      hash: "#/overview",
      theme: "dark",
      ready: ".tiles",
      before: lastDay,
    },
    {
      ...wide,
      height: 960,
      name: "merchant",
      hash: ofMerchant,
      theme: "light",
      ready: "table.log",
    },
    {
      ...wide,
      name: "alerts",
      hash: "#/alerts",
      theme: "light",
      ready: "ul.alerts",
      before: firstDeliveries,
    },
    {
      ...wide,
      name: "cluster",
      nodes: 3,
      hash: "#/cluster",
      theme: "dark",
      ready: "figure.map",
      before: looks,
    },
    {
      ...wide,
      name: "overview-zh",
      hash: "#/overview",
      theme: "light",
      language: "zh",
      ready: ".tiles",
      before: live,
    },
    {
      name: "narrow",
      hash: ofMerchant,
      theme: "dark",
      width: 390,
      height: 844,
      ready: "table.log",
    },
  ];
}

async function firstDeliveries(page: Page): Promise<void> {
  await page.locator("ul.alerts button[aria-expanded]").first().click();
  await page.locator(".deliveries li").first().waitFor();
}

async function lastDay(page: Page): Promise<void> {
  await page.getByRole("button", { name: "24 hours" }).click();
}

/** The map's colours are of two looks. */
async function looks(page: Page): Promise<void> {
  const busiest = page.locator(".map .shade-5 button").first();
  await busiest.waitFor();
  await busiest.click();
}

async function take(
  browser: Browser,
  url: string,
  path: string,
  { hash, theme, width, height, language = "en", ready, before }: Picture,
): Promise<void> {
  const context = await browser.newContext({
    colorScheme: theme,
    viewport: { width, height },
    deviceScaleFactor: 1,
    locale: "en-GB",
    timezoneId: "Europe/Zurich",
    reducedMotion: "reduce",
  });
  try {
    const page = await context.newPage();
    page.setDefaultTimeout(pageMaxMs);
    await page.goto(`${url}/console/${hash}`);
    await page.locator("#token").fill(newcomerToken(developmentSecret));
    await page.locator("button[type=submit]").click();
    await page.locator("main#content").waitFor();
    await page.locator(".choice select").first().selectOption(language);
    await page.locator(ready).first().waitFor();
    if (before) await before(page);
    await page.waitForTimeout(settleMs);
    await page.screenshot({ path, animations: "disabled" });
  } finally {
    await context.close();
  }
}

interface Near {
  readonly merchant_id: string;
  readonly usage_rate: number;
}

interface Standing {
  readonly transactions_today: number;
  readonly monthly_limit: number | null;
  readonly yearly_limit: number | null;
}

async function get<T>(url: string, path: string): Promise<T> {
  const headers = { authorization: `Bearer ${newcomerToken(developmentSecret)}` };
  const answer = await fetch(`${url}/api/v1/${path}`, { headers });
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
  return (await answer.json()) as T;
}

/** One with something to see: near a limit, not over it, and with many orders today. */
async function merchantNearALimit(url: string): Promise<string> {
  const { top } = await get<{ readonly top: readonly Near[] }>(url, `quotas/stats?top=${topKeys}`);
  const near = top.filter(({ usage_rate: rate }) => rate > 0.75 && rate < 0.97);
  const busy = await Promise.all(
    near.map(async ({ merchant_id: id }) => {
      const { items } = await get<{ readonly items: readonly Standing[] }>(
        url,
        `quotas/merchant/${id}`,
      );
      const [only] = items;
      const isPlain =
        items.length === 1 && only?.yearly_limit !== null && only?.monthly_limit !== null;
      return { id, orders: isPlain ? (only?.transactions_today ?? 0) : 0 };
    }),
  );
  const [first] = busy.sort((a, b) => b.orders - a.orders);
  if (first === undefined) throw new Error("nobody is near a limit: start `npx quotactl demo`");
  return first.id;
}
