import { Agent, createServer, request } from "node:http";
import type { AddressInfo } from "node:net";

import test, { type ExecutionContext } from "ava";

import { Gate } from "../../../src/edge/gate.ts";
import { instant } from "../../../src/domain/instant.ts";
import type { Clock } from "../../../src/platform/clock.ts";

const probeMs = 10;
const letInMin = 100;
/** Far over what a burst may wait of two seconds. */
const lateMs = 700;

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
  /** Lets the loop run its probe so much later than it should. */
  const probedLate = (byMs: number): void => {
    elapsedMs += probeMs + byMs;
    probe();
  };
  /** Late, and the few that are let in however late it is have come. */
  const shut = async (): Promise<void> => {
    probedLate(lateMs);
    for (let n = 0; n < letInMin; n += 1) await ask();
  };
  return { gate, ask, probedLate, shut, refused, served: () => served };
}

/** What has come of an answer after the loop has turned some times. */
async function soonOf(answer: Promise<Answer>): Promise<Answer | null> {
  const turns = async (): Promise<null> => {
    for (let n = 0; n < 50; n += 1) await new Promise((resolve) => setImmediate(resolve));
    return null;
  };
  return Promise.race([answer, turns()]);
}

test("while the event loop is late a request is refused by its head, to come again", async (t) => {
  const { ask, shut, refused, served } = await gated(t);
  await shut();

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
  const { ask, shut } = await gated(t);
  await shut();

  for (const path of ["/health/live", "/metrics", "/console/", "/api/v1/quotas/stats?top=5"]) {
    t.is((await ask(path)).status, 200, path);
  }
  t.is((await ask("/api/v1/quotas/merchant/M")).status, 503);
});

test("a short stall refuses nobody, and a loop on time lets everybody in", async (t) => {
  const { ask, shut, probedLate } = await gated(t);
  probedLate(0);
  probedLate(400);
  for (let n = 0; n <= letInMin; n += 1) t.is((await ask()).status, 200);

  await shut();
  t.is((await ask()).status, 503);
  probedLate(0);
  for (let n = 0; n <= letInMin; n += 1) t.is((await ask()).status, 200);
});

test("who asks on and on is not even read, until refusing was paid for", async (t) => {
  const { ask, shut, probedLate } = await gated(t);
  await shut();
  for (let n = 0; n < letInMin; n += 1) t.is((await ask()).status, 503, "each let in pays for one");
  t.is((await ask()).status, 503);

  const unread = ask();
  t.is(await soonOf(unread), null);

  probedLate(0);
  t.is((await unread).status, 200);
});

test("an unread connection is read again after a while, however late the loop is", async (t) => {
  const { ask, shut, probedLate } = await gated(t);
  await shut();
  for (let n = 0; n <= letInMin; n += 1) await ask();
  const unread = ask();
  t.is(await soonOf(unread), null);

  probedLate(lateMs);

  t.is((await unread).status, 200, "among the few of this turn");
});

test("an edge that closes reads all connections again", async (t) => {
  const { gate, ask, shut } = await gated(t);
  await shut();
  for (let n = 0; n <= letInMin; n += 1) await ask();
  const unread = ask();
  t.is(await soonOf(unread), null);

  gate.close();

  t.is((await unread).status, 503);
});
