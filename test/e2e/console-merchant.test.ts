import { readFileSync } from "node:fs";

import type { Page } from "playwright-core";

import { browserTest } from "../support/browser-test.ts";
import { consume, openConsole, send } from "../support/console-scene.ts";
import { commonService } from "../support/console-service.ts";
import { zoneAtNoon } from "../support/service-process.ts";

browserTest(
  "an operator adjusts, suspends, resumes and resets a quota, each with a reason and after seeing what it changes",
  async (t, browser) => {
    const { url } = await commonService();
    await send(url, [
      consume("M-changed", "USD", "A-1", 50_000),
      consume("M-changed", "JPY", "A-2", 700),
      { ...consume("M-changed", "USD", "A-3", 10_000), op: "reserve" },
    ]);
    const { page, signIn, sees, accessFindings, troubles } = await openConsole(t, browser, url);
    await signIn();
    await openMerchant(page, "M-changed");
    await page.getByRole("button", { name: "USD" }).click();
    const standing = page.getByRole("region", { name: "Standing, USD" });
    const dialog = page.getByRole("dialog");
    const act = async (verb: string, reason: string): Promise<void> => {
      await dialog.getByLabel("Reason, for the log").fill(reason);
      await dialog.getByRole("button", { name: verb }).click();
      await dialog.waitFor({ state: "detached" });
    };
    await sees(standing.getByRole("row"), /Day.*500\.00.*400\.00.*1,000\.00/s);
    await sees(standing, /Reserved\s*100\.00\s*Not settled\s*500\.00/);
    await sees(standing, `${zoneAtNoon}; below, of yours, Europe/Zurich`);
    await sees(page.getByRole("region", { name: "Limits" }), /defaults.*Day\s*1,000\.00/s);
    await page.getByRole("img", { name: /^Use of the period\. At its rate so far/ }).waitFor();
    t.deepEqual(await accessFindings(), []);

    await page.getByRole("button", { name: "Adjust" }).click();
    await dialog.getByLabel("Day").fill("-600");
    await sees(dialog.getByRole("row"), /Used, Day.*500\.00.*not possible/s);
    await dialog.getByLabel("Day").fill("-120.50");
    await sees(dialog.getByRole("row"), /Used, Day.*500\.00.*379\.50/s);
    t.true(await dialog.getByRole("button", { name: "Adjust" }).isDisabled());
    t.deepEqual(await accessFindings(), []);
    await act("Adjust", "an order counted twice by hand");
    await sees(standing.getByRole("row"), /Day.*379\.50/s);

    await page.getByRole("button", { name: "Suspend" }).click();
    await sees(dialog.getByRole("row"), /New orders.*taken.*refused/s);
    await act("Suspend", "chargebacks are looked into");
    await sees(standing, /suspended.*chargebacks are looked into/s);
    await page.getByRole("button", { name: "Resume" }).click();
    await act("Resume", "all is well");
    await page.getByRole("button", { name: "Suspend" }).waitFor();

    await page.getByRole("button", { name: "Reset" }).click();
    await sees(dialog.getByRole("row"), /Used, Day.*379\.50.*0\.00/s);
    await act("Reset", "agreed with the merchant");
    await sees(standing.getByRole("row"), /^Day0\.00/);
    t.deepEqual(troubles, []);
  },
);

browserTest(
  "what happened to a merchant is filtered, and saved for a spreadsheet",
  async (t, browser) => {
    const { url } = await commonService();
    const many = Array.from({ length: 30 }, (_, n) =>
      consume("M-many", "KWD", `A-${n}`, 1_000 + n),
    );
    await send(url, [...many, consume("M-many", "KWD", "TOO-MUCH", 2_000_000)]);
    const { page, signIn, sees, troubles } = await openConsole(t, browser, url);
    await signIn();
    await openMerchant(page, "M-many");
    const log = page.getByRole("region", { name: "Log" }).first();
    const rows = log.getByRole("row");

    await page.getByRole("button", { name: "Show older" }).click();
    await sees(rows, /A-01\.000/);
    await page.getByLabel("Outcome").selectOption("Refused");
    await sees(rows, /Consume.*Order too large.*TOO-MUCH.*2,000\.000/s);
    await rows.nth(2).waitFor({ state: "detached" });
    await page.getByLabel("Outcome").selectOption("All");
    await log.getByLabel("Order").fill("A-7");
    await page.keyboard.press("Tab");
    await sees(rows, /A-7.*1\.007/s);
    await rows.nth(2).waitFor({ state: "detached" });
    await log.getByRole("button", { name: "Details" }).click();
    await sees(rows, /^Month7\.0218\.028/);
    await log.getByRole("button", { name: "Close" }).click();
    await rows.nth(2).waitFor({ state: "detached" });
    await log.getByLabel("Order").fill("");
    await page.keyboard.press("Tab");
    await rows.nth(5).waitFor();

    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("button", { name: "Save as CSV" }).click(),
    ]);
    const lines = readFileSync(await download.path(), "utf8")
      .trimEnd()
      .split("\r\n");
    t.is(download.suggestedFilename(), "M-many-KWD.csv");
    t.is(lines.length, 32);
    t.regex(lines[0] ?? "", /^\ufeffcreated_at,action_type,success,/);
    t.true(lines.some((line) => /,consume,true,,A-29,,,1\.029,/.test(line)));
    t.deepEqual(troubles, []);
  },
);

browserTest(
  "a merchant's token shows its own quotas, in its zone, and lets it change nothing",
  async (t, browser) => {
    const { url } = await commonService();
    await send(url, [consume("M-own", "USD", "A-1", 50_000), consume("M-other", "USD", "A-2", 7)]);
    const { page, signIn, sees, accessFindings, troubles } = await openConsole(t, browser, url);

    await signIn({ user_type: "merchant", tenant_id: "M-own" });
    const standing = page.getByRole("region", { name: "Standing, USD" });
    await sees(standing.getByRole("row"), /Day.*500\.00/s);
    await sees(standing, zoneAtNoon);
    await page.evaluate("location.hash = '#/merchant/M-other'");
    await page.evaluate("location.hash = '#/overview'");
    await sees(page.getByRole("heading", { level: 1 }), "M-own");

    const shown = await page.locator("body").innerText();
    t.false(shown.includes("M-other"));
    for (const verb of ["Adjust", "Reset", "Suspend"]) {
      t.is(await page.getByRole("button", { name: verb }).count(), 0, verb);
    }
    t.is(await page.getByRole("link", { name: "Overview" }).count(), 0);
    t.deepEqual(await accessFindings(), []);
    t.deepEqual(troubles, []);
  },
);

async function openMerchant(page: Page, merchant: string): Promise<void> {
  await page.getByRole("link", { name: "Merchant", exact: true }).click();
  await page.getByLabel("Merchant id").fill(merchant);
  await page.keyboard.press("Enter");
}
