import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";

import { type Static, Type } from "typebox";
import { Value } from "typebox/value";

import { loadProgram } from "./ground.ts";
import { outputOf, type Place } from "./program.ts";
import { token } from "./service.ts";

/** Which merchant each call is for. */
export type Spread =
  | { readonly kind: "hot" }
  | { readonly kind: "uniform"; readonly merchants: number }
  /** Each as often as 1 / rank has it. */
  | { readonly kind: "zipf"; readonly merchants: number };

/** What is asked: the cheapest answer there is, one command for a merchant, or 60 checks to 30 consumes to 10 releases. */
export type Asked =
  | { readonly kind: "live" }
  | { readonly kind: "consume" | "check" | "mixed"; readonly spread: Spread };

export interface Load {
  readonly url: string;
  readonly asked: Asked;
  readonly connections: number;
  readonly seconds: number;
  /** Begins its order numbers: unlike those of every other load on the same database. */
  readonly name: string;
}

const summarySchema = Type.Object({
  requests: Type.Integer(),
  lastedUs: Type.Integer(),
  p50Us: Type.Number(),
  p99Us: Type.Number(),
  /** Answers that were not 2xx. */
  non2xx: Type.Integer(),
  /** Connections that failed and answers that did not come in time. */
  broken: Type.Integer(),
  /** Sent of each kind; of the last, one a connection at most, nobody waited for the answer. */
  sent: Type.Object({
    check: Type.Integer(),
    consume: Type.Integer(),
    release: Type.Integer(),
  }),
});

/** What wrk saw of one load. */
export type Summary = Static<typeof summarySchema>;

/** The version line of wrk. */
export function wrkVersion(): string {
  const { stdout } = spawnSync(loadProgram("wrk"), ["-v"], { encoding: "utf8" });
  return /^wrk \S+/.exec(stdout)?.[0] ?? "wrk";
}

/**
 * Loads an HTTP server with one thread of wrk: each thread would count its order numbers from one.
 * @throws Error if wrk fails or the signal ends it
 */
export async function loadWith(place: Place, load: Load): Promise<Summary> {
  const script = join(place.folder, `${load.name}.lua`);
  writeFileSync(script, scriptOf(load));
  const shape = ["-t1", `-c${load.connections}`, `-d${load.seconds}s`, "-s", script];
  const path = load.asked.kind === "live" ? "/health/live" : "/";
  const output = await outputOf(place, loadProgram("wrk"), [...shape, `${load.url}${path}`]);
  const summary: unknown = JSON.parse(/^\{.*\}$/m.exec(output)?.[0] ?? "null");
  if (!Value.Check(summarySchema, summary)) throw new Error(`wrk gave no summary:\n${output}`);
  return summary;
}

/** What wrk runs: Lua that writes each request and, at the end, the summary as a line of JSON. */
function scriptOf({ asked, name }: Load): string {
  return `
check, consume, release = 0, 0, 0
${asked.kind === "live" ? "" : `${merchantChoice(asked.spread)}${commands(name)}${requests[asked.kind]}`}
local loading
function setup(thread) loading = thread end
function done(summary, latency)
  local errors = summary.errors
  local line = '{"requests":%d,"lastedUs":%d,"p50Us":%d,"p99Us":%d,"non2xx":%d,"broken":%d,' ..
    '"sent":{"check":%d,"consume":%d,"release":%d}}'
  print(line:format(summary.requests, summary.duration, latency:percentile(50), latency:percentile(99),
    errors.status, errors.connect + errors.read + errors.write + errors.timeout,
    loading:get("check"), loading:get("consume"), loading:get("release")))
end
`;
}

function merchantChoice(spread: Spread): string {
  switch (spread.kind) {
    case "hot":
      return `local function merchant() return "HOT" end\n`;
    case "uniform":
      return `math.randomseed(os.time())
local function merchant() return "M-" .. math.random(${spread.merchants}) end\n`;
    case "zipf":
      return `math.randomseed(os.time())
local sums, sum = {}, 0
for rank = 1, ${spread.merchants} do sum = sum + 1 / rank; sums[rank] = sum end
local function merchant()
  local wanted, low, high = math.random() * sum, 1, ${spread.merchants}
  while low < high do
    local middle = math.floor((low + high) / 2)
    if sums[middle] > wanted then high = middle else low = middle + 1 end
  end
  return "M-" .. low
end\n`;
  }
}

function commands(name: string): string {
  return `
local headers = { ["content-type"] = "application/json", authorization = "Bearer ${token}" }
local checkBody = '{"merchant_id":"%s","currency":"USD","amount":1}'
local consumeBody = '{"merchant_id":"%s","currency":"USD","order_no":"${name}-%d","amount":1}'
local releaseBody = '{"merchant_id":"%s","currency":"USD","order_no":"${name}-%d"}'
local taken = {}
local function askCheck()
  check = check + 1
  return wrk.format("POST", "/api/v1/quotas/check", headers, checkBody:format(merchant()))
end
local function askConsume()
  consume = consume + 1
  local whose = merchant()
  if consume % 3 == 0 then taken[consume] = whose end
  return wrk.format("POST", "/api/v1/quotas/consume", headers, consumeBody:format(whose, consume))
end
-- Every third order is given back, once it was answered for certain: calls on their way are fewer than 200.
local function askRelease()
  local order = (release + 1) * 3
  if order > consume - 200 then return askCheck() end
  release = release + 1
  local whose = taken[order]
  taken[order] = nil
  return wrk.format("POST", "/api/v1/quotas/release", headers, releaseBody:format(whose, order))
end
`;
}

const requests = {
  check: "request = askCheck",
  consume: `request = askConsume`,
  mixed: `
function request()
  local share = math.random()
  if share < 0.6 then return askCheck() end
  if share < 0.9 then return askConsume() end
  return askRelease()
end`,
} as const;
