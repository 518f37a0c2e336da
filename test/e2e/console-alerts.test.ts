import { browserTest } from "../support/browser-test.ts";
import { consume, openConsole, send } from "../support/console-scene.ts";
import { answering, FakeNeighbour } from "../support/fake-neighbour.ts";
import { dataFolder, startService } from "../support/service-process.ts";

browserTest(
  "an operator sees whom an alert has reached, has it sent again, and resolves it with notes",
  async (t, browser) => {
    const target = await FakeNeighbour.start(answering({}));
    t.teardown(() => target.stop());
    const { url } = await startService(t, {
      DATA_DIR: dataFolder(t),
      DEFAULT_DAILY_LIMIT: "100000",
      ALERT_WEBHOOK_URLS: `${target.url}/alerts`,
      ALERT_WEBHOOK_SECRET: `whsec_${Buffer.alloc(32, 7).toString("base64")}`,
    });
    await send(url, [consume("M-1", "USD", "A-1", 85_000)]);
    const { page, signIn, sees, accessFindings, troubles } = await openConsole(t, browser, url);
    await signIn();
    await page.getByRole("link", { name: "Alerts", exact: true }).click();
    const alerts = page.getByRole("region", { name: "Open alerts" }).getByRole("listitem");
    await sees(alerts, /M-1.*USD.*Warning.*Day at 80 %.*850\.00 \/ 1,000\.00/s);

    await page.getByRole("button", { name: "Deliveries" }).click();
    await sees(alerts, /delivered.*Attempts: 1/s);
    t.is(target.asked.length, 1);
    await page.getByRole("button", { name: "Send again" }).click();
    const dialog = page.getByRole("dialog");
    await sees(dialog.getByRole("row"), /delivered.*pending/s);
    t.deepEqual(await accessFindings(), []);
    await dialog.getByRole("button", { name: "Send again" }).click();
    await dialog.waitFor({ state: "detached" });
    await sees(alerts, /delivered.*Attempts: 1/s);

    await page.getByRole("button", { name: "Resolve" }).click();
    await dialog.getByLabel("Notes: what was done about it").fill("the limit was raised");
    await dialog.getByRole("button", { name: "Resolve" }).click();
    await sees(page.locator("p.empty"), "No open alerts.");
    await page.getByLabel("All of a merchant").fill("M-1");
    await page.keyboard.press("Tab");
    await sees(page.getByRole("listitem"), /M-1.*resolved: ann the limit was raised/s);
    t.deepEqual(troubles, []);
  },
);
