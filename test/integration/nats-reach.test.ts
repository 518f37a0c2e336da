import test from "ava";

import { systemClock as clock } from "../../src/platform/clock.ts";
import { Nats } from "../../src/platform/nats.ts";
import { natsReach } from "../../src/platform/nats-reach.ts";
import { until } from "../support/node-clock.ts";
import { logInto } from "../support/node-harness.ts";
import { realNats } from "../support/services-nats.ts";
import { clear, cut, tcpProxy } from "../support/tcp-proxy.ts";

const silentMaxMs = 300;

test("a line on which nothing passes is silent long before the client gives it up, and is heard again", async (t) => {
  const server = await realNats({ own: true });
  if ("skipped" in server) {
    t.pass();
    return;
  }
  t.teardown(() => server.stop());
  const way = await tcpProxy(t, Number(new URL(server.url).port));
  const servers = [`nats://127.0.0.1:${way.port}`];
  const nats = new Nats({ servers, name: "cut-off", clock, log: logInto([]) });
  t.teardown(() => nats.close());
  const reach = natsReach(nats, silentMaxMs);
  t.false(reach.isHeard, "it is not connected yet");
  await until("it is connected", () => reach.isHeard);

  way.turn(cut);
  t.true(reach.isHeard, "nobody has asked");
  reach.ask();
  await until("it is silent", () => {
    reach.ask();
    return !reach.isHeard;
  });
  t.true(nats.connected);

  way.turn(clear);
  await until("it is heard again", () => reach.isHeard);
  await server.stop();
  await until("it is lost", () => !reach.isHeard);
});
