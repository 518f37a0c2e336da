import { Agent, createServer, request } from "node:http";
import type { AddressInfo } from "node:net";

import test, { type ExecutionContext } from "ava";

import { Gate } from "../../../src/edge/gate.ts";
import { instant } from "../../../src/domain/instant.ts";
import type { Clock } from "../../../src/platform/clock.ts";

const probeMs = 10;
const letInMin = 100;
/** A quarter of the two seconds that a request has here. */
const waitedMaxMs = 500;

interface Answer {
  readonly status: number | undefined;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: string;
}

/** A server behind a gate, whose event loop is as late as the test says. */
async function gated(t: ExecutionContext) {
  let elapsedMs = 0;
  let probe = (): void => undefined;
  const clock: Clock = {
    now: () => instant(0),
    elapsedMs: () => elapsedMs,
    after: (_, run) => {
      probe = run;
      return () => {
        probe = () => undefined;
      };
    },
    soon: (run) => {
      setImmediate(run);
    },
  };
  const refused: string[] = [];
  const gate = new Gate({
    clock,
    requestTimeoutMs: 2_000,
    requestIdOf: () => "R-1",
    onRefused: (method) => refused.push(method),
  });
  let served = 0;
  const server = createServer((incoming, response) => {
    if (gate.refuses(incoming, response)) return;
    served += 1;
    response.end("served");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  // One connection that stays open.
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  t.teardown(() => {
    agent.destroy();
    server.close();
  });
  const ask = (path = "/api/v1/quotas/consume"): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const asked = request({ port, host: "127.0.0.1", agent, path, method: "POST" }, (came) => {
        let body = "";
        came.setEncoding("utf8").on("data", (text: string) => (body += text));
        came.on("end", () => {
          resolve({ status: came.statusCode, headers: came.headers, body });
        });
      });
      asked.on("error", reject);
      asked.end('{"order_no":"A-1"}');
    });
  /** The turn of the loop lasts so much longer than it should. */
  const lasts = (byMs: number): void => {
    elapsedMs += probeMs + byMs;
  };
  /** The loop turns. */
  const turns = (): void => {
    probe();
  };
  /** As many as are let in however long the turn lasts. */
  const few = async (): Promise<void> => {
    for (let n = 0; n < letInMin; n += 1) t.is((await ask()).status, 200);
  };
  return { gate, ask, lasts, turns, few, refused, served: () => served };
}

test("what has waited for a quarter of its time is refused by its head, to come again", async (t) => {
  const { ask, lasts, few, refused, served } = await gated(t);
  lasts(waitedMaxMs + 1);
  await few();

  const { status, headers, body } = await ask();

  t.is(status, 503);
  t.like(headers, {
    "retry-after": "1",
    "x-request-id": "R-1",
    "x-content-type-options": "nosniff",
    "content-type": "application/problem+json; charset=utf-8",
  });
  t.like(JSON.parse(body), { code: "OVERLOADED", success: false, status: 503 });
  t.deepEqual(refused, ["POST"]);
  t.is(served(), letInMin, "a loop that is late for few requests is late for another reason");
});

test("what operators look at is answered, however late", async (t) => {
  const { ask, lasts, few } = await gated(t);
  lasts(waitedMaxMs + 1);
  await few();

  for (const path of ["/health/live", "/metrics", "/console/", "/api/v1/quotas/stats?top=5"]) {
    t.is((await ask(path)).status, 200, path);
  }
  t.is((await ask("/api/v1/quotas/merchant/M")).status, 503);
});

test("a turn that is shorter refuses nobody, however many come", async (t) => {
  const { ask, lasts, few } = await gated(t);
  lasts(waitedMaxMs);
  await few();

  t.is((await ask()).status, 200);
});

test("once the loop has turned everybody is let in again", async (t) => {
  const { ask, lasts, turns, few } = await gated(t);
  lasts(waitedMaxMs + 1);
  await few();
  t.is((await ask()).status, 503);

  turns();

  await few();
  t.is((await ask()).status, 200);
});

test("a gate that is closed asks for no more turns", async (t) => {
  const { gate, ask, lasts, turns, few } = await gated(t);
  gate.close();

  lasts(waitedMaxMs + 1);
  turns();

  await few();
  t.is((await ask()).status, 503, "nobody has told it that the loop turns");
});
