import { spawn, spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";

import { type Static, Type } from "typebox";
import { Value } from "typebox/value";

import type { Scratch } from "./scratch.ts";
import { type Service, token } from "./service.ts";

/** What is asked: the cheapest answer there is, or a consume of 1 for a random merchant of so many. */
export type Target =
  { readonly kind: "live" } | { readonly kind: "consume"; readonly merchants: number };

export interface Load {
  readonly target: Target;
  readonly connections: number;
  readonly seconds: number;
  /** Distinguishes its order numbers from those of every other load on the same database. */
  readonly name: string;
}

/** Of the machine, not of npm: whoever measures installs it. */
const program = "wrk";

const summarySchema = Type.Object({
  requests: Type.Integer(),
  lastedUs: Type.Integer(),
  p50Us: Type.Number(),
  p99Us: Type.Number(),
  /** Answers that were not 2xx. */
  non2xx: Type.Integer(),
  /** Connections that failed and answers that did not come in time. */
  broken: Type.Integer(),
});

/** What wrk saw of one load. */
export type Summary = Static<typeof summarySchema>;

/** The version line of the wrk in PATH; undefined if there is none. */
export function wrkVersion(): string | undefined {
  const { error, stdout } = spawnSync(program, ["-v"], { encoding: "utf8" });
  return error === undefined ? /^wrk \S+/.exec(stdout)?.[0] : undefined;
}

/**
 * Loads the service with one thread of wrk: each thread would count its order numbers from one.
 * @throws Error if wrk fails or the signal ends it
 */
export async function loadWith(
  scratch: Scratch,
  service: Service,
  load: Load,
  signal: AbortSignal,
): Promise<Summary> {
  const script = join(scratch.folder, `${load.name}.lua`);
  writeFileSync(script, scriptOf(load));
  const shape = ["-t1", `-c${load.connections}`, `-d${load.seconds}s`, "-s", script];
  const path = load.target.kind === "live" ? "/health/live" : "/api/v1/quotas/consume";
  const output = await outputOf([...shape, `${service.url}${path}`], signal);
  const summary: unknown = JSON.parse(/^\{.*\}$/m.exec(output)?.[0] ?? "null");
  if (!Value.Check(summarySchema, summary)) throw new Error(`wrk gave no summary:\n${output}`);
  return summary;
}

function outputOf(parameters: readonly string[], signal: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, parameters, {
      stdio: ["ignore", "pipe", "pipe"],
      detached: true,
      signal,
      killSignal: "SIGKILL",
    });
    const written: string[] = [];
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text: string) => written.push(text));
    }
    child.once("error", reject);
    child.once("close", (code) => {
      const output = written.join("");
      if (code === 0) resolve(output);
      else reject(new Error(`wrk ended with ${code ?? "a signal"}:\n${output}`));
    });
  });
}

/** What wrk runs: Lua that writes each request and, at the end, the summary as a line of JSON. */
function scriptOf({ target, name }: Load): string {
  const request =
    target.kind === "live"
      ? ""
      : `
local n = 0
local headers = { ["content-type"] = "application/json", authorization = "Bearer ${token}" }
local body = '{"merchant_id":"M-%d","currency":"USD","order_no":"${name}-%d","amount":1}'
function request()
  n = n + 1
  return wrk.format("POST", nil, headers, body:format(math.random(${target.merchants}), n))
end
`;
  return `${request}
function done(summary, latency)
  local errors = summary.errors
  local line = '{"requests":%d,"lastedUs":%d,"p50Us":%d,"p99Us":%d,"non2xx":%d,"broken":%d}'
  print(line:format(summary.requests, summary.duration, latency:percentile(50), latency:percentile(99),
    errors.status, errors.connect + errors.read + errors.write + errors.timeout))
end
`;
}
