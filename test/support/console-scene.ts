import type { ExecutionContext } from "ava";
import axe from "axe-core";
import type { Browser, Locator, Page } from "playwright-core";

import type { Claims } from "../../src/platform/token.ts";
import { tokenOf } from "./service-process.ts";

/** How long the page may take for anything, on a machine that is busy with all the other tests. */
const pageMaxMs = 40_000;

interface AxeResults {
  readonly violations: readonly {
    readonly id: string;
    readonly impact: string;
    readonly nodes: readonly { readonly html: string }[];
  }[];
}

/** What the service answers an operator who does without the page: a GET, or with a body a POST. */
export async function asked(url: string, path: string, body?: object): Promise<unknown> {
  const answer = await fetch(`${url}/api/v1/${path}`, {
    ...(body && { method: "POST", body: JSON.stringify(body) }),
    headers: {
      authorization: `Bearer ${tokenOf({ user_type: "admin" })}`,
      ...(body && { "content-type": "application/json" }),
    },
  });
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
  return answer.json();
}

/** Sends commands in one call, as the gateway and the operators do. */
export async function send(url: string, operations: readonly object[]): Promise<void> {
  await asked(url, "quotas/batch", { operations });
}

export function consume(merchant: string, currency: string, order: string, amount: number): object {
  return { op: "consume", merchant_id: merchant, currency, order_no: order, amount };
}

/** The console in a browser of its own, from its sign-in on. */
export interface ConsoleScene {
  readonly page: Page;
  readonly signIn: (claims?: Partial<Claims>) => Promise<void>;
  /** What is written there, once it is what the test waits for. */
  readonly sees: (place: Locator, text: string | RegExp) => Promise<void>;
  /** Findings of axe-core that are serious or worse, each with its place. */
  readonly accessFindings: () => Promise<readonly string[]>;
  /** What the page wrote to its console as an error, and requests to anywhere else. */
  readonly troubles: readonly string[];
}

/** Opens the console of a service; the page is closed with the test. */
export async function openConsole(
  t: ExecutionContext,
  browser: Browser,
  url: string,
  options: Parameters<Browser["newContext"]>[0] = {},
): Promise<ConsoleScene> {
  const context = await browser.newContext({
    locale: "en-GB",
    timezoneId: "Europe/Zurich",
    viewport: { width: 1280, height: 900 },
    ...options,
  });
  t.teardown(() => context.close());
  context.setDefaultTimeout(pageMaxMs);
  const page = await context.newPage();
  const troubles: string[] = [];
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) troubles.push(message.text());
  });
  page.on("pageerror", (error) => troubles.push(String(error)));
  page.on("request", (request) => {
    const isOwn = request.url().startsWith(`${url}/`) || /^(blob|data):/.test(request.url());
    if (!isOwn) troubles.push(`a request to ${request.url()}`);
  });
  await page.goto(`${url}/console`);
  return {
    page,
    troubles,
    signIn: async (claims = { user_id: "ann", user_type: "admin" }) => {
      await page.getByLabel("Token", { exact: true }).fill(tokenOf(claims));
      await page.getByRole("button", { name: "Sign in" }).click();
      await page.locator("main#content").waitFor();
    },
    sees: (place, text) => place.filter({ hasText: text }).first().waitFor(),
    accessFindings: async () => {
      await page.evaluate(axe.source);
      const run = "axe.run(document, { resultTypes: ['violations'] })";
      const { violations } = await page.evaluate<AxeResults>(run);
      return violations
        .filter(({ impact }) => impact === "serious" || impact === "critical")
        .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`);
    },
  };
}
