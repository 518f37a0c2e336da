import { connect } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";

import test from "ava";

import { packageFolder } from "../../src/platform/package.ts";
import { until } from "../support/node-clock.ts";
import { startService } from "../support/service-process.ts";
import { ownStore } from "../support/stores.ts";
import { configuredNats } from "../support/services-nats.ts";

/** The client of ops/docs/nats-and-code.md, without any library: what it is told of an order. */
async function consume(port: number, orderNo: string): Promise<unknown> {
  const socket = connect(port, "127.0.0.1");
  const body = JSON.stringify({ order_no: orderNo, amount: 500 });
  socket.write(
    'CONNECT {"verbose":false,"headers":true,"no_responders":true}\r\nSUB _INBOX.me 1\r\n',
  );
  socket.write(
    `PUB quota.ask.consume.merchant-1.USD _INBOX.me ${String(body.length)}\r\n${body}\r\n`,
  );
  let isNext = false;
  for await (const line of createInterface(socket)) {
    if (isNext || line.startsWith("HMSG")) {
      socket.destroy();
      return isNext ? (JSON.parse(line) as unknown) : "nobody";
    }
    isNext = line.startsWith("MSG");
  }
  throw new Error("the server has hung up");
}

test("ten lines of any language take quota through the server's mapping, and hear when nobody is there", async (t) => {
  const config = join(packageFolder(), "ops/nats/subject-mapping.conf");
  const nats = await configuredNats({ config, environment: {} });
  if ("skipped" in nats) {
    t.pass();
    return;
  }
  t.teardown(() => nats.stop());
  const port = Number(new URL(nats.url).port);
  const service = await startService(t, { ...(await ownStore(t)), NATS_URL: nats.url });
  let answer: unknown;
  await until("the owner is heard", async () => {
    answer = await consume(port, "A-1");
    return answer !== "nobody";
  });

  t.like(answer, { status: 200, success: true, duplicate: false, daily_used: 500 });
  t.like(await consume(port, "A-1"), { status: 200, duplicate: true, daily_used: 500 });

  await service.stop();
  t.is(await consume(port, "A-2"), "nobody");
});
