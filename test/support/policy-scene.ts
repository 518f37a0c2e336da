import type { ExecutionContext } from "ava";

import {
  createPolicyService,
  type PolicyResult,
  type PolicyService,
} from "../../src/clients/policy-service.ts";
import type { Policy } from "../../src/domain/limits.ts";
import { Fault } from "../../src/wire/fault.ts";
import { type FakeClock, fakeClock } from "./fake-clock.ts";
import { answering, type Behaviour, FakeNeighbour } from "./fake-neighbour.ts";
import { LogLines } from "./log-lines.ts";
import { until } from "./node-clock.ts";
import { key } from "./quota-builders.ts";

/** A policy with a daily limit. */
export const good = answering({ code: 0, data: { daily_limit: 5_000_000, version: 7 } });
/** Of one question. */
export const timeoutMs = 500;
/** Of the breaker. */
export const pauseMs = 1_000;

interface Scene {
  readonly neighbour: FakeNeighbour;
  readonly service: PolicyService;
  readonly clock: FakeClock;
  readonly results: PolicyResult[];
  readonly log: LogLines;
  /** Where the client asks; null = nowhere. */
  url: string | null;
}

/** A policy service that behaves so, and a client of it whose time stands still. */
export async function sceneWith(t: ExecutionContext, behaviour: Behaviour): Promise<Scene> {
  const neighbour = await FakeNeighbour.start(behaviour);
  const [clock, log, results] = [fakeClock(), new LogLines(), new Array<PolicyResult>()];
  const service = createPolicyService({
    url: () => scene.url,
    timeoutMs: () => timeoutMs,
    clock,
    log,
    onResult: (result) => results.push(result),
  });
  const scene: Scene = { neighbour, service, clock, results, log, url: neighbour.url };
  t.teardown(async () => {
    await service.close();
    await neighbour.stop();
  });
  return scene;
}

/** The daily limit that was fetched, "none", or why not. */
async function answerTo(question: Promise<Policy | null>): Promise<string> {
  try {
    const policy = await question;
    return policy ? String(policy.windows.daily) : "none";
  } catch (error) {
    if (error instanceof Fault && error.code === "SHARD_UNAVAILABLE") return error.message;
    throw error;
  }
}

/** The answer to one question now. */
export function asked({ service }: Scene, merchantId = "M-1"): Promise<string> {
  return answerTo(service.policyOf(key(merchantId)));
}

/** The answer to one question whose time runs out after it has arrived. */
export async function askedInVain(scene: Scene): Promise<string> {
  const before = scene.neighbour.asked.length;
  const answer = asked(scene);
  await until("the question arrives", () => scene.neighbour.asked.length > before);
  await scene.clock.advance(timeoutMs);
  return answer;
}

/** Opens the breaker: five questions without an answer. */
export async function outage(scene: Scene): Promise<void> {
  scene.neighbour.behave(answering({}, 500));
  for (let n = 0; n < 5; n++) await asked(scene);
  scene.results.length = 0;
  scene.neighbour.asked.length = 0;
}
