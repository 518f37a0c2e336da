import { browserTest } from "../support/browser-test.ts";
import { asked, consume, openConsole, send } from "../support/console-scene.ts";
import { commonService } from "../support/console-service.ts";
import { until } from "../support/node-clock.ts";

browserTest(
  "an operator sees whom an alert has reached, has it sent again, and resolves it with notes",
  async (t, browser) => {
    const { url, target } = await commonService();
    const told = (): number => target.asked.filter(({ body }) => body.includes("M-told")).length;
    await send(url, [consume("M-told", "USD", "A-1", 85_000)]);
    const { page, signIn, sees, accessFindings, troubles } = await openConsole(t, browser, url);
    await signIn();
    await page.getByRole("link", { name: "Alerts", exact: true }).click();
    const alert = page
      .getByRole("region", { name: "Open alerts" })
      .getByRole("listitem")
      .filter({ hasText: "M-told" });
    await sees(alert, /M-told.*USD.*Warning.*Day at 80 %.*850\.00 \/ 1,000\.00/s);

    await alert.getByRole("button", { name: "Deliveries" }).click();
    await sees(alert, /delivered.*Attempts: 1/s);
    t.is(told(), 1);
    await alert.getByRole("button", { name: "Send again" }).click();
    const dialog = page.getByRole("dialog");
    await sees(dialog.getByRole("row"), /delivered.*pending/s);
    t.deepEqual(await accessFindings(), []);
    await dialog.getByRole("button", { name: "Send again" }).click();
    await dialog.waitFor({ state: "detached" });
    await until("the target is told again", () => told() === 2);
    await sees(alert, /delivered.*Attempts: 1/s);

    await alert.getByRole("button", { name: "Resolve" }).click();
    await dialog.getByLabel("Notes: what was done about it").fill("the limit was raised");
    await dialog.getByRole("button", { name: "Resolve" }).click();
    await alert.waitFor({ state: "detached" });
    await page.getByLabel("All of a merchant").fill("M-told");
    await page.keyboard.press("Tab");
    await sees(page.getByRole("listitem"), /M-told.*resolved: ann the limit was raised/s);
    t.deepEqual(troubles, []);
  },
);

browserTest(
  "alerts that do not fit on the page are shown when they are asked for, each once",
  async (t, browser) => {
    const { url } = await commonService();
    const merchants = Array.from({ length: 60 }, (_, n) => `M-older-${n + 1}`);
    await send(
      url,
      merchants.map((merchant) => consume(merchant, "USD", "A-1", 81_000)),
    );
    await until("all are in the table", async () => {
      const page = await asked(url, "alerts/unresolved?limit=100");
      return JSON.stringify(page).split("M-older-").length > merchants.length;
    });
    const { page, signIn, troubles } = await openConsole(t, browser, url);
    await signIn();
    await page.getByRole("link", { name: "Alerts", exact: true }).click();
    const alerts = page.getByRole("region", { name: "Open alerts" }).locator("ul.alerts > li");
    const own = alerts.filter({ hasText: "M-older-" });
    await own.nth(49).waitFor();
    t.is(await alerts.count(), 50);

    const older = page.getByRole("button", { name: "Show older" });
    await older.click();
    await own.nth(59).waitFor();
    const shown = await own.locator("a.name").allInnerTexts();
    t.deepEqual(shown.toSorted(), merchants.toSorted());
    await older.waitFor({ state: "detached" });
    t.deepEqual(troubles, []);
  },
);
