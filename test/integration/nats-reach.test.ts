import test from "ava";

import { instant } from "../../src/domain/instant.ts";
import { natsBus } from "../../src/platform/bus-nats.ts";
import { systemClock as clock } from "../../src/platform/clock.ts";
import { Nats } from "../../src/platform/nats.ts";
import { natsReach } from "../../src/platform/nats-reach.ts";
import { shardSubject } from "../../src/wire/subject.ts";
import { until } from "../support/node-clock.ts";
import { logInto } from "../support/node-harness.ts";
import { consume } from "../support/quota-builders.ts";
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
  t.is(nats.lost, 0);

  way.turn(clear);
  await until("it is heard again", () => reach.isHeard);
  const bus = natsBus({ nats, clock, shardCount: 1, stranger: () => undefined });
  const deadline = instant(clock.now() + 60_000);
  way.turn(cut);
  const asked = bus.request(shardSubject(0), { request: consume("A-1", 1n), deadline });
  const unknown = t.throwsAsync(asked, { code: "OUTCOME_UNKNOWN" });
  t.is(bus.waiting, 1);
  await new Promise((resolve) => setImmediate(resolve));
  await server.stop();
  way.turn(clear);

  await unknown;
  t.is(bus.waiting, 0);
  t.is(nats.lost, 1);
  t.false(reach.isHeard);
});
