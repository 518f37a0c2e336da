import { setTimeout as wait } from "node:timers/promises";

import { freePort } from "../../test/support/services-server.ts";
import type { Ground } from "./ground.ts";
import { answersDoubt, speedOf } from "./http-case.ts";
import { compiled, serve } from "./program.ts";
import type { Case } from "./sample.ts";
import { loadWith } from "./wrk.ts";

const connections = 64;
const startMaxMs = 20_000;

/** A plain fastify that answers a consume with a constant, started for as long as the bench lasts. */
export async function fastifyPeer(ground: Ground, merchants: number): Promise<Case> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const served = serve(ground, {
    file: compiled("ops/bench/plain-fastify.js"),
    parameters: [String(port)],
    logName: "plain-fastify",
  });
  const untilMs = performance.now() + startMaxMs;
  while (
    !(await fetch(`${url}/health/live`).then(
      ({ ok }) => ok,
      () => false,
    ))
  ) {
    if (served.isGone() || performance.now() > untilMs) {
      throw new Error(`the plain fastify does not serve:\n${served.log()}`);
    }
    await wait(20);
  }
  const asked = { kind: "consume", spread: { kind: "uniform", merchants } } as const;
  return {
    name: "fastify",
    what: "plain fastify POST, the same schema, no work",
    measure: async (name, seconds) => {
      const summary = await loadWith(ground, { name, url, asked, connections, seconds });
      return { ...speedOf(summary), doubt: answersDoubt(summary), details: {} };
    },
  };
}
