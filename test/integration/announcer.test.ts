import anyTest, { type TestFn } from "ava";

import { natsAnnouncer } from "../../shards/ownership/announcer.ts";
import { systemClock as clock } from "../../src/platform/clock.ts";
import { Nats } from "../../src/platform/nats.ts";
import { shardsMovedSubject as subject } from "../../src/wire/subject.ts";
import { until } from "../support/node-clock.ts";
import { logInto } from "../support/node-harness.ts";
import { type RealNats, realNats } from "../support/services-nats.ts";

/** null = there is no nats-server on this machine, which was said. */
const test = anyTest as TestFn<{ readonly server: RealNats | null }>;
const startMaxMs = 30_000;

test.before(async (t) => {
  const server = await realNats();
  t.context = { server: "skipped" in server ? null : server };
});
test.after.always(async (t) => {
  await t.context.server?.stop();
});

test("a node hears what another has moved, what cannot be read is logged, and the end is the end", async (t) => {
  const { server } = t.context;
  if (!server) {
    t.pass();
    return;
  }
  const [giver, receiver] = ["giver", "receiver"].map(
    (name) => new Nats({ servers: [server.url], name, clock, log: logInto([]) }),
  );
  if (!giver || !receiver) throw new Error("two were made");
  t.teardown(() => Promise.all([giver.close(), receiver.close()]));
  await until("both are connected", () => giver.connected && receiver.connected, startMaxMs);
  const said: string[] = [];
  const heard: unknown[] = [];
  const stop = natsAnnouncer(receiver, logInto(said)).onMoved((...moved) => heard.push(moved));
  const all = Array.from({ length: 600 }, (_, shard) => shard);
  const teller = natsAnnouncer(giver, logInto([]));
  const tellUntil = (holds: () => boolean) =>
    until("it is heard", () => {
      teller.moved([1, 2], "receiver");
      return holds();
    });

  await tellUntil(() => heard.length > 0);
  t.deepEqual(heard[0], [[1, 2], "receiver"]);
  giver.send({ subject, text: "{}" });
  await until("it is logged", () => said.includes("an announcement that cannot be read"));
  heard.length = 0;
  teller.moved(all, null);
  await until("both pieces are heard", () => heard.length === 2);
  t.deepEqual(heard, [
    [all.slice(0, 512), null],
    [all.slice(512), null],
  ]);

  stop();
  const others: unknown[] = [];
  natsAnnouncer(receiver, logInto([])).onMoved((...moved) => others.push(moved));
  await tellUntil(() => others.length > 0);
  t.is(heard.length, 2);
});
