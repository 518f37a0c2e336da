import test, { type ExecutionContext } from "ava";
import type { Browser } from "playwright-core";

import { shared } from "./lifetime.ts";
import { realBrowser } from "./services-browser.ts";

const browser = shared(async (lifetime) => {
  const found = await realBrowser();
  if (!("skipped" in found)) lifetime.teardown(() => found.close());
  return found;
});

/** A test in the browser; without one it passes, and a line has said so. */
export function browserTest(
  title: string,
  body: (t: ExecutionContext, browser: Browser) => Promise<void>,
): void {
  test.serial(title, async (t) => {
    const found = await browser();
    if ("skipped" in found) t.pass(found.skipped);
    else await body(t, found);
  });
}
