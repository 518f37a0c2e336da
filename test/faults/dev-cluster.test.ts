import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseEnv } from "node:util";

import test from "ava";

import { packageFolder } from "../../src/platform/package.ts";
import { until } from "../support/node-clock.ts";
import { guardedFolder } from "../support/services-folder.ts";
import { skip } from "../support/services-skipped.ts";

const script = join(packageFolder(), "ops", "dev", "cluster.sh");
const program = join(packageFolder(), "dist", "ops", "quotactl.js");

interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

function run(
  command: string,
  parameters: readonly string[],
  settings: NodeJS.Dict<string> = {},
): Promise<Ran> {
  const env = { PATH: process.env["PATH"], HOME: "/", ...settings };
  return new Promise((resolve) => {
    execFile(command, parameters, { cwd: "/", env }, (error, stdout, stderr) => {
      resolve({ code: typeof error?.code === "number" ? error.code : 0, stdout, stderr });
    });
  });
}

/** Takes an amount with the address and the token that were printed. @returns the status and what is used by then */
async function consume(printed: string, order: string): Promise<readonly unknown[]> {
  const [, address = ""] = /serves at (http\S+),/.exec(printed) ?? [];
  const [, token = ""] = /export TOKEN=(\S+)/.exec(printed) ?? [];
  const reply = await fetch(`${address}/api/v1/quotas/consume`, {
    method: "POST",
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    body: JSON.stringify({ merchant_id: "M-1", currency: "USD", order_no: order, amount: 500 }),
  });
  const { daily_used: used } = (await reply.json()) as { readonly daily_used?: unknown };
  return [reply.status, used];
}

test("a cluster of local programs serves, is operated, loses a node, has it back, and ends", async (t) => {
  const guarded = guardedFolder("cluster", `'${script}' down "$1"`);
  const folder = guarded.path;
  t.teardown(async () => {
    await run(script, ["down", folder]);
    guarded.remove();
  });
  const cluster = (verb: string): Promise<Ran> => run(script, [verb, folder]);
  const up = await cluster("up");
  if (up.stderr.includes("not on this machine")) {
    skip("cluster of local programs", up.stderr);
    t.pass();
    return;
  }
  t.is(up.code, 0, up.stderr);
  t.deepEqual(await consume(up.stdout, "A-1"), [200, 500]);
  const settings = parseEnv(readFileSync(join(folder, "cluster.env"), "utf8"));
  const quotactl = (words: string): Promise<Ran> =>
    run(process.execPath, [program, ...words.split(" ")], settings);

  const health = await quotactl("health --json");
  t.is(health.code, 0, health.stderr);
  t.regex(health.stdout, /"name": "postgres",\s+"state": "up"[^]*"node shard-3"/);
  const drained = await quotactl("shards drain shard-2 --yes --json");
  t.is(drained.code, 0, drained.stderr);
  t.like(JSON.parse(drained.stdout), { action: "drain shard-2", ended: "finished", left: [] });
  t.regex((await quotactl("nodes")).stdout, /shard-2 .* 0 +│ yes/);
  const unasked = await quotactl("shards drain shard-3");
  t.is(unasked.code, 3);
  t.regex(unasked.stderr, /give --yes; nothing was changed/);
  const misused = await quotactl("shards pin 5 --to shard-1 --wait 0");
  t.is(misused.code, 2);
  t.regex(misused.stderr, /1 to 3600/);
  t.deepEqual(await consume(up.stdout, "A-2"), [200, 1_000]);

  const [pid = ""] = readFileSync(join(folder, "shard-1.pid"), "utf8").split(" ");
  process.kill(Number(pid), "SIGKILL");
  await until("its loss is seen", async () => {
    const { code, stdout } = await cluster("status");
    return code === 1 && /shard-1 does not run\nshard-2 runs/.test(stdout);
  });
  const again = await cluster("up");
  t.is(again.code, 0, again.stderr);
  t.deepEqual(await consume(again.stdout, "A-2"), [200, 1_000]);
  t.is((await cluster("status")).code, 0);

  t.is((await cluster("down")).code, 0);
  t.notRegex((await cluster("status")).stdout, / runs/);
  const gone = await quotactl("health --json");
  t.is(gone.code, 1);
  t.like(JSON.parse(gone.stdout), { status: "down" });
  t.regex(gone.stderr, /not well: postgres, nats/);
});
