import { type Browser, chromium } from "playwright-core";

import { programPath } from "./services-lone.ts";
import { type Skipped, skip } from "./services-skipped.ts";

const startMaxMs = 60_000;

/** What a browser would do by itself: none of it is of the page that is tested, and some of it reaches for the network. */
const quietly = [
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-default-apps",
  "--disable-domain-reliability",
  "--disable-gpu",
  "--disable-sync",
  "--no-first-run",
];

/**
 * The chromium of this machine, started. Close it in `test.after.always`.
 *
 * @throws Error instead of skipping when REQUIRE_SERVICES is 1
 */
export async function realBrowser(): Promise<Browser | Skipped> {
  const executablePath = programPath("chromium");
  if (executablePath === undefined) return skip("browser", "no chromium on the path");
  // Its own sandbox cannot be made by root, nor in most containers; the page is ours.
  const args = ["--no-sandbox", ...quietly];
  return chromium.launch({ executablePath, args, timeout: startMaxMs });
}
