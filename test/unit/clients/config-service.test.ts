import test, { type ExecutionContext } from "ava";

import { type ConfigService, createConfigService } from "../../../src/clients/config-service.ts";
import { type FakeClock, fakeClock } from "../../support/fake-clock.ts";
import {
  answering,
  type Behaviour,
  cuttingOff,
  FakeNeighbour,
  hanging,
  redirecting,
  saying,
  stoppingHalfWay,
} from "../../support/fake-neighbour.ts";
import { until } from "../../support/node-clock.ts";

const good = answering({ code: 0, data: { items: [{ key: "LOG_LEVEL", value: "debug" }] } });

interface Scene {
  readonly neighbour: FakeNeighbour;
  readonly service: ConfigService;
  readonly clock: FakeClock;
}

async function sceneWith(t: ExecutionContext, behaviour: Behaviour): Promise<Scene> {
  const neighbour = await FakeNeighbour.start(behaviour);
  const clock = fakeClock();
  const url = `${neighbour.url}/`;
  const service = createConfigService({ url, environment: "staging", clock });
  t.teardown(async () => {
    await service.close();
    await neighbour.stop();
  });
  return { neighbour, service, clock };
}

/** What is offered, or why nothing is. */
async function answerOf(service: ConfigService): Promise<unknown> {
  const offer = await service.offer();
  return offer.kind === "offered" ? Object.fromEntries(offer.texts) : offer.why;
}

test("the service is asked for our settings of our environment", async (t) => {
  const { neighbour, service } = await sceneWith(t, good);

  t.deepEqual(await answerOf(service), { LOG_LEVEL: "debug" });
  const questions = neighbour.asked.map(({ method, path, query }) => [
    method,
    path,
    query.toString(),
  ]);
  t.deepEqual(questions, [
    ["GET", "/api/v1/configs", "service_name=merchant-quota-service&environment=staging"],
  ]);
});

test("a start waits two seconds for it and no longer", async (t) => {
  for (const slow of [hanging, stoppingHalfWay('{"items":[]}')]) {
    const { neighbour, service, clock } = await sceneWith(t, slow);

    const answer = answerOf(service);
    await until("the question arrives", () => neighbour.asked.length > 0);
    await clock.advance(2_000);

    t.is(await answer, "the config service did not answer within 2000 ms");
  }
});

test("what is no answer is told apart", async (t) => {
  const { neighbour, service } = await sceneWith(t, good);
  const answerTo = (behaviour: Behaviour): Promise<unknown> => {
    neighbour.behave(behaviour);
    return answerOf(service);
  };

  t.is(await answerTo(answering({}, 500)), "the config service answered with the status 500");
  t.is(await answerTo(answering({}, 404)), "the config service answered with the status 404");
  t.is(await answerTo(redirecting("/x")), "the config service answered with the status 302");
  t.is(
    await answerTo(saying("<html>")),
    "the config service answered what cannot be used: it is not JSON",
  );
  t.is(
    await answerTo(saying(`"${"x".repeat(256 * 1024)}"`)),
    "the config service answered what cannot be used: it is over 262144 bytes",
  );
  t.is(
    await answerTo(answering({ status: "up" })),
    "the config service's answer cannot be used: it has no list of items",
  );
  t.regex(
    String(await answerTo(cuttingOff('{"items":[]}'))),
    /^the config service did not answer: /,
  );
  t.deepEqual(await answerTo(good), { LOG_LEVEL: "debug" });
});

test("a service that is gone is an error at once, and when it is back it is heard", async (t) => {
  const { neighbour, service } = await sceneWith(t, good);

  await neighbour.goAway();
  t.regex(String(await answerOf(service)), /^the config service did not answer: /);
  await neighbour.comeBack();

  t.deepEqual(await answerOf(service), { LOG_LEVEL: "debug" });
});
