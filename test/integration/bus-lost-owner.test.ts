import test from "ava";

import { instant } from "../../src/domain/instant.ts";
import { natsBus } from "../../src/platform/bus-nats.ts";
import { systemClock as clock } from "../../src/platform/clock.ts";
import { Nats } from "../../src/platform/nats.ts";
import { Fault, faultOf } from "../../src/wire/fault.ts";
import { shardSubject } from "../../src/wire/subject.ts";
import { Gate, until } from "../support/node-clock.ts";
import { logInto } from "../support/node-harness.ts";
import { suspend } from "../support/quota-builders.ts";
import { realNats } from "../support/services-nats.ts";

const subject = shardSubject(0);

test("who is an owner no more does not say of what it heard that nothing happened: another may have heard it", async (t) => {
  const server = await realNats();
  if ("skipped" in server) {
    t.pass();
    return;
  }
  const nats = ["edge", "owner"].map(
    (name) => new Nats({ servers: [server.url], name, clock, log: logInto([]) }),
  );
  t.teardown(async () => {
    await Promise.all(nats.map((each) => each.close()));
    await server.stop();
  });
  await until("both are connected", () => nats.every(({ connected }) => connected), 30_000);
  const [edge, owner] = nats.map((each) =>
    natsBus({ nats: each, clock, shardCount: 1, stranger: () => undefined }),
  );
  let owns = true;
  let heard = 0;
  let gate = new Gate();
  owner?.serve(
    subject,
    async () => {
      heard += 1;
      await gate.opened;
      throw new Fault("SHARD_UNAVAILABLE", "the owner is changing");
    },
    () => owns,
  );
  const ask = async (): Promise<string> => {
    const message = { request: suspend(), deadline: instant(clock.now() + 60_000) };
    return faultOf(await edge?.request(subject, message).catch((error: unknown) => error)).code;
  };

  gate.open();
  await until("the owner is found", async () => (await ask()) === "SHARD_UNAVAILABLE" && heard > 0);
  t.is(await ask(), "SHARD_UNAVAILABLE");

  gate = new Gate();
  const before = heard;
  const asked = ask();
  await until("it is heard", () => heard > before);
  owns = false;
  gate.open();
  t.is(await asked, "OUTCOME_UNKNOWN");
});
