import test, { type ExecutionContext } from "ava";
import type { Browser } from "playwright-core";

import { realBrowser } from "./services-browser.ts";

const found = await realBrowser();
test.after.always(() => ("skipped" in found ? undefined : found.close()));

/** A test in the browser; without one it passes, and a line has said so. */
export function browserTest(
  title: string,
  body: (t: ExecutionContext, browser: Browser) => Promise<void>,
): void {
  test.serial(title, async (t) => {
    if ("skipped" in found) t.pass(found.skipped);
    else await body(t, found);
  });
}
