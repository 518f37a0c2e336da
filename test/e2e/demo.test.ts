import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

import test, { type ExecutionContext } from "ava";

import { packageFolder } from "../../src/platform/package.ts";
import { dataFolder, startService } from "../support/service-process.ts";
import { freePort } from "../support/services-server.ts";

const startMaxMs = 120_000;
const demoFileName = "demo.json";

interface Demo {
  readonly child: ChildProcess;
  readonly output: () => string;
  readonly ended: Promise<unknown>;
}

function demo(t: ExecutionContext, cwd: string, more: readonly string[], env = {}): Demo {
  const program = join(packageFolder(), "dist", "ops", "quotactl.js");
  const child = spawn(process.execPath, [program, "demo", ...more], {
    cwd,
    env: { PATH: process.env["PATH"] ?? "", ...env },
  });
  t.teardown(() => child.kill("SIGKILL"));
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (part: Buffer) => {
      output += part.toString();
    });
  }
  return { child, output: () => output, ended: once(child, "exit") };
}

async function said(t: ExecutionContext, { child, output }: Demo, what: RegExp): Promise<string> {
  const startedMs = performance.now();
  while (!what.test(output())) {
    if (child.exitCode !== null || performance.now() - startedMs > startMaxMs) {
      t.fail(output());
      break;
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return output();
}

test.serial(
  "a newcomer's one command makes a day of merchants, serves it with live orders, and ends with everything kept",
  async (t) => {
    const folder = dataFolder(t);
    const port = await freePort();
    const wanted = ["--merchants", "8", "--rate", "20", "--port", String(port)];
    const first = demo(t, folder, wanted);
    const output = await said(t, first, /Ctrl-C ends the service/);
    const [, accepted = "0"] = /(\d+) operations were accepted/.exec(output) ?? [];
    t.true(Number(accepted) > 300, output);
    const token = /^(ey\S+)$/m.exec(output)?.[1] ?? "";
    const get = async <T>(path: string): Promise<T> => {
      const headers = { authorization: `Bearer ${token}` };
      const answer = await fetch(`http://127.0.0.1:${port}/api/v1/${path}`, { headers });
      t.is(answer.status, 200, path);
      return (await answer.json()) as T;
    };

    const stats = await get<{ currencies: { currency: string; suspended: number }[] }>(
      "quotas/stats",
    );
    t.true(stats.currencies.length > 2, "several currencies");
    const counts = await get<{ items: { action_type: string; outcome: string; from: string }[] }>(
      "usage-logs/stats?group_by=hour",
    );
    const hours = new Set(counts.items.map(({ from }) => from));
    t.true(hours.size > 20, `the day has passed hour by hour: ${String(hours.size)}`);
    const actions = new Set(counts.items.map(({ action_type: action }) => action));
    for (const action of ["consume", "reserve", "confirm", "release", "settle", "suspend"]) {
      t.true(actions.has(action), action);
    }
    t.true(
      counts.items.some(({ outcome }) => outcome !== "accepted"),
      "some were refused",
    );
    const alerts = await get<{ items: unknown[] }>("alerts/unresolved");
    t.true(alerts.items.length > 0, "alerts were raised");

    first.child.kill("SIGTERM");
    t.deepEqual(await first.ended, [0, null]);
    t.true(existsSync(join(folder, "demo-data", demoFileName)));
    const again = demo(t, folder, wanted);
    t.regex(await said(t, again, /Ctrl-C ends the service/), /8 merchants .* as they were left/);
    again.child.kill("SIGINT");
    t.deepEqual(await again.ended, [0, null]);
    const log = readFileSync(join(folder, "demo-data", "service.log"), "utf8");
    t.notRegex(log, /"level":[56]0/);
  },
);

test.serial("made-up merchants reach no service that could be a real one", async (t) => {
  const folder = dataFolder(t);
  const { url } = await startService(t, { DATA_DIR: folder });

  const production = demo(t, folder, [], { NODE_ENV: "production" });
  t.deepEqual(await production.ended, [3, null]);
  t.regex(production.output(), /NODE_ENV is production/);

  // The tests' service has a secret of its own.
  const real = demo(t, folder, ["--url", url, "--merchants", "3"]);
  t.deepEqual(await real.ended, [1, null]);
  t.regex(real.output(), /a development service alone/);

  const other = demo(t, folder, ["--folder", ".", "--port", String(await freePort())]);
  t.deepEqual(await other.ended, [3, null]);
  t.regex(other.output(), /holds no finished demo/);
});
