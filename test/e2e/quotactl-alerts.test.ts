import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";

import test from "ava";

import { packageFolder } from "../../src/platform/package.ts";
import { alertId } from "../support/alert-event.ts";
import { dataFolder } from "../support/service-process.ts";

interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

const program = join(packageFolder(), "dist", "ops", "quotactl.js");

/** Runs quotactl on an embedded store, as an operator does. */
function quotactl(folder: string, ...parameters: readonly string[]): Promise<Ran> {
  const env = { PATH: process.env["PATH"] ?? "", DATA_DIR: folder };
  return new Promise((resolve) => {
    const options = { cwd: folder, env };
    execFile(process.execPath, [program, ...parameters], options, (error, stdout, stderr) => {
      resolve({ code: typeof error?.code === "number" ? error.code : 0, stdout, stderr });
    });
  });
}

test.serial("what an operator asks of alerts is answered in words and as JSON", async (t) => {
  const folder = dataFolder(t);
  t.is((await quotactl(folder, "migrate")).code, 0);

  const words = await quotactl(folder, "alerts", "list-deliveries", "--failed");
  const json = await quotactl(folder, "alerts", "list-deliveries", "--json");
  const unknown = await quotactl(folder, "alerts", "resend", alertId(1));

  t.like(words, { code: 0, stdout: "no deliveries\n" });
  t.deepEqual(JSON.parse(json.stdout), []);
  t.like(unknown, { code: 1, stdout: "" });
  t.true(unknown.stderr.includes(`quotactl: there is no alert ${alertId(1)}\n`), unknown.stderr);
});

test.serial("what is used wrongly is told before anything is opened", async (t) => {
  const folder = dataFolder(t);

  const badId = await quotactl(folder, "alerts", "resend", "A-1");
  const both = await quotactl(folder, "alerts", "list-deliveries", "--failed", "--pending");
  const many = await quotactl(folder, "alerts", "list-deliveries", "--limit", "5000");
  const nothing = await quotactl(folder, "alerts", "list-everything");

  for (const { code } of [badId, both, many, nothing]) t.is(code, 2);
  t.regex(badId.stderr, /Give the id of an alert, a UUID/);
  t.regex(many.stderr, /1 to 1000/);
  t.regex(nothing.stderr, /quotactl --help/);
});

test.serial("who has read enough of an answer ends it, and is told of no fault", async (t) => {
  const child = spawn(process.execPath, [program, "--help"], { stdio: ["ignore", "pipe", "pipe"] });
  child.stdout.destroy();
  let said = "";
  child.stderr.on("data", (part: Buffer) => (said += part.toString()));

  const [code] = (await once(child, "close")) as [number];

  t.is(said, "");
  t.is(code, 141);
});
