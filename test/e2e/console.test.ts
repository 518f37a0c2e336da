import { browserTest } from "../support/browser-test.ts";
import { consume, openConsole, send } from "../support/console-scene.ts";
import { commonService } from "../support/console-service.ts";
import { Gate } from "../support/node-clock.ts";
import { startService, tokenOf } from "../support/service-process.ts";
import { ownStore } from "../support/stores.ts";
import { freePort } from "../support/services-server.ts";

browserTest(
  "an operator signs in and sees who is near a limit, what is refused, and how each part is",
  async (t, browser) => {
    const { url } = await commonService();
    await send(url, [
      consume("M-near", "USD", "A-1", 91_234),
      consume("M-full", "KRW", "A-2", 100_000),
      consume("M-calm", "BHD", "A-3", 1_234),
    ]);
    const { page, signIn, sees, accessFindings, troubles } = await openConsole(t, browser, url);
    t.deepEqual(await accessFindings(), []);

    await signIn();
    const nearest = page.getByRole("region", { name: "Nearest to a limit" });
    await sees(nearest.getByRole("row"), "M-near");
    t.is(
      await nearest
        .getByRole("row", { name: "M-near" })
        .getByRole("img")
        .first()
        .getAttribute("aria-label"),
      "Day: 91\u00a0%",
    );
    const currencies = page.getByRole("region", { name: "Currencies" }).first();
    await sees(currencies.getByRole("row"), /KRW.*100,000/);
    await sees(currencies.getByRole("row"), /BHD.*1\.234/);
    await sees(page.getByRole("region", { name: "Open alerts" }), /M-full.*Critical: Day at 100/s);
    await sees(page.getByRole("region", { name: "Health" }), /Store.*up/s);

    const refusals = page.getByRole("region", { name: "Refusals by reason" });
    await send(url, [consume("M-full", "KRW", "A-4", 1)]);
    await sees(refusals, /Daily limit.*1/s);
    await sees(page.locator("dl.tiles"), /Operations\s*\d.*Latency, 99 of 100\s*\d/s);
    await page.getByRole("button", { name: "24 hours" }).click();
    await page.getByRole("img", { name: "Accepted and refused operations over time" }).waitFor();

    t.deepEqual(await accessFindings(), []);
    await nearest.getByRole("link", { name: "M-near" }).click();
    await sees(page.getByRole("heading", { level: 1 }), "M-near");
    t.is(await page.evaluate("JSON.stringify([{ ...localStorage }, document.cookie])"), '[{},""]');
    t.deepEqual(troubles, []);
  },
);

browserTest("a token that is none, or may not read, opens nothing", async (t, browser) => {
  const { url } = await commonService();
  const { page, sees } = await openConsole(t, browser, url);
  const alert = page.getByRole("alert");

  await page.getByRole("button", { name: "Sign in" }).click();
  await sees(alert, "Paste a token first.");
  await page.getByLabel("Token", { exact: true }).fill("no.token.really");
  await page.keyboard.press("Enter");
  await sees(alert, "The token is not valid");
  const writer = tokenOf({ user_type: "merchant", permissions: ["quota:write"] });
  await page.getByLabel("Token", { exact: true }).fill(writer);
  await page.keyboard.press("Enter");
  await sees(alert, "This token may not read quotas.");
  t.is(await page.locator("main#content").count(), 0);
});

browserTest(
  "an operator sees what is empty, what is on its way, that the connection is lost, and that it is back",
  async (t, browser) => {
    const settings = { ...(await ownStore(t)), PORT: String(await freePort()) };
    const service = await startService(t, settings);
    const { page, signIn, sees } = await openConsole(t, browser, service.url);
    const alerts = page.getByRole("region", { name: "Open alerts" });
    const visit = (name: string): Promise<void> =>
      page.getByRole("link", { name, exact: true }).click();
    await signIn();
    await sees(page.getByRole("region", { name: "Health" }), /Store.*up/s);
    await sees(page.getByRole("region", { name: "Nearest to a limit" }), "Nobody has used");
    await sees(page.getByRole("region", { name: "Refusals by reason" }), "Nothing was refused.");
    await sees(alerts, "No open alerts.");
    await visit("Merchant");
    await sees(page.locator("p.empty"), "Type the id of a merchant");
    await page.getByLabel("Merchant id").fill("M-none");
    await page.keyboard.press("Enter");
    await sees(page.locator("p.empty"), "This merchant has not used anything yet.");

    const held = new Gate();
    await page.route("**/alerts/unresolved*", async (route) => {
      await held.opened;
      await route.continue();
    });
    await visit("Alerts");
    await sees(alerts.getByRole("status"), "Loading…");
    held.open();
    await sees(alerts, "No open alerts.");
    await page.unroute("**/alerts/unresolved*");

    await service.stop();
    const lost = page.getByText("The connection is lost.");
    await lost.waitFor();
    await visit("Cluster");
    await sees(page.getByRole("alert"), /The service does not answer.*Try again/s);
    await startService(t, settings);
    await lost.waitFor({ state: "detached" });
    await sees(page.getByRole("region", { name: "Nodes" }), /e2e.*serves/s);
    await visit("Overview");
    await sees(page.locator("dl.tiles"), /Operations\s*\d/);
    t.pass();
  },
);

browserTest(
  "the console speaks Chinese, keeps to a narrow screen and to a dark one, and works by keyboard",
  async (t, browser) => {
    const { url } = await commonService();
    await send(url, [consume("a-merchant-with-a-rather-long-name", "USD", "A-1", 99_000)]);
    const { page, signIn, sees, accessFindings, troubles } = await openConsole(t, browser, url, {
      viewport: { width: 360, height: 740 },
      colorScheme: "dark",
    });
    await signIn();
    await page.getByLabel("Language").selectOption("zh");
    await sees(page.getByRole("heading"), "最接近限额");
    await sees(page.getByRole("row"), "a-merchant-with-a-rather-long-name");

    t.is(await page.evaluate("document.documentElement.lang"), "zh");
    await page.evaluate("document.activeElement.blur()");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    t.is(await page.evaluate("document.activeElement.id"), "content");
    for (const [name, shown] of [
      ["概览", "main h2"],
      ["商户", "main form"],
      ["告警", "ul.alerts"],
      ["集群", "figure.map"],
    ] as const) {
      await page.getByRole("link", { name, exact: true }).click();
      await page.locator(shown).first().waitFor();
      const beyond = await page.evaluate("document.documentElement.scrollWidth - innerWidth");
      t.is(beyond, 0, name);
      t.deepEqual(await accessFindings(), [], name);
    }
    await page.evaluate("location.hash = '#/merchant/a-merchant-with-a-rather-long-name'");
    await page.locator("table.log").waitFor();
    t.is(await page.evaluate("document.documentElement.scrollWidth - innerWidth"), 0);
    t.deepEqual(await accessFindings(), []);
    t.deepEqual(troubles, []);
  },
);
