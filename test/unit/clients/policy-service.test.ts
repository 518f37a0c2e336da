import test from "ava";

import { minor } from "../../../src/domain/money.ts";
import {
  answering,
  type Behaviour,
  cuttingOff,
  hanging,
  inTurn,
  redirecting,
  saying,
  stoppingHalfWay,
} from "../../support/fake-neighbour.ts";
import { Gate, until } from "../../support/node-clock.ts";
import {
  asked,
  askedInVain,
  good,
  outage,
  pauseMs,
  sceneWith,
  timeoutMs,
} from "../../support/policy-scene.ts";
import { key } from "../../support/quota-builders.ts";

test("a merchant's policy is asked for by merchant and currency", async (t) => {
  const scene = await sceneWith(t, good);

  const policy = await scene.service.policyOf(key("merchant_1-a", "EUR"));

  t.like(policy, { windows: { daily: minor(5_000_000n) }, policyVersion: "7" });
  const questions = scene.neighbour.asked.map(({ method, path, query }) => [
    method,
    path,
    query.toString(),
  ]);
  t.deepEqual(questions, [
    ["GET", "/api/v1/limit-policies/effective", "merchant_id=merchant_1-a&currency=EUR"],
  ]);
  t.deepEqual(scene.results, ["ok"]);
});

test("the service may live below a path", async (t) => {
  const scene = await sceneWith(t, good);
  scene.url = `${scene.neighbour.url}/policies/`;

  await asked(scene);

  t.is(scene.neighbour.asked[0]?.path, "/policies/api/v1/limit-policies/effective");
});

test("a merchant of whom the service knows nothing has no policy", async (t) => {
  const scene = await sceneWith(t, answering({ code: 404, message: "no such merchant" }, 404));

  t.is(await asked(scene), "none");
  t.deepEqual(scene.results, ["none"]);
});

test("a service that does not answer in time is given up, and its timer too", async (t) => {
  for (const slow of [hanging, stoppingHalfWay('{"daily_limit":5000000}')]) {
    const scene = await sceneWith(t, slow);

    t.is(await askedInVain(scene), "the policy service did not answer within 500 ms");
    t.deepEqual(scene.results, ["timeout"]);
    t.is(scene.clock.timers, 0);
  }
});

test("a service that answers just in time is heard", async (t) => {
  const gate = new Gate();
  const scene = await sceneWith(t, async (response, question) => {
    await gate.opened;
    await good(response, question);
  });

  const answer = asked(scene);
  await until("the question arrives", () => scene.neighbour.asked.length > 0);
  await scene.clock.advance(timeoutMs - 1);
  gate.open();

  t.is(await answer, "5000000");
});

test("what is no answer of a policy service is told apart", async (t) => {
  const scene = await sceneWith(t, good);
  const answerIs = async (behaviour: Behaviour): Promise<string> => {
    scene.neighbour.behave(behaviour);
    const answer = await asked(scene);
    return `${scene.results.at(-1)}: ${answer.replace(/the policy service('s answer)?/, "it")}`;
  };

  t.is(await answerIs(answering({}, 500)), "error: it answered with the status 500");
  t.is(await answerIs(answering({}, 401)), "error: it answered with the status 401");
  t.is(await answerIs(redirecting("/elsewhere")), "error: it answered with the status 302");
  t.is(
    await answerIs(saying("<html>")),
    "garbage: it answered what cannot be used: it is not JSON",
  );
  t.is(
    await answerIs(saying(`"${"x".repeat(64 * 1024)}"`)),
    "garbage: it answered what cannot be used: it is over 65536 bytes",
  );
  t.is(
    await answerIs(answering({ daily_limit: -1 })),
    "garbage: it cannot be used: daily_limit is -1, not a whole number from 0 to 2^63 - 1",
  );
  t.regex(
    await answerIs(cuttingOff('{"daily_limit":5000000}')),
    /^error: it did not answer: (UND_ERR_SOCKET|ECONNRESET)$/,
  );
  t.is(scene.neighbour.asked.length, 7);
});

test("a policy service that is gone is an error at once, and when it is back it is heard", async (t) => {
  const scene = await sceneWith(t, good);
  t.is(await asked(scene), "5000000");

  await scene.neighbour.goAway();
  t.regex(await asked(scene), /^the policy service did not answer: /);
  await scene.neighbour.comeBack();

  t.is(await asked(scene), "5000000");
  t.deepEqual(scene.results, ["ok", "error", "ok"]);
});

test("after five questions without an answer nobody is kept waiting, and nothing is sent", async (t) => {
  const scene = await sceneWith(t, hanging);
  for (let n = 0; n < 5; n++) await askedInVain(scene);

  const answer = await asked(scene);

  t.is(answer, "the policy service has not answered lately and is not asked now");
  t.is(scene.neighbour.asked.length, 5);
  t.is(scene.results.at(-1), "open");
});

test("a second later one question is let through, and all go on when it is answered", async (t) => {
  const scene = await sceneWith(t, good);
  await outage(scene);

  await scene.clock.advance(pauseMs - 1);
  await asked(scene);
  t.is(scene.neighbour.asked.length, 0);

  scene.neighbour.behave(good);
  await scene.clock.advance(1);
  const both = await Promise.all([asked(scene), asked(scene)]);

  t.deepEqual(both, ["5000000", "the policy service has not answered lately and is not asked now"]);
  t.is(scene.neighbour.asked.length, 1);
  t.is(await asked(scene), "5000000");
});

test("a question let through in vain closes the way for another second", async (t) => {
  const scene = await sceneWith(t, good);
  await outage(scene);

  for (let second = 1; second <= 3; second++) {
    await scene.clock.advance(pauseMs);
    t.is(await asked(scene), "the policy service answered with the status 500");
    await asked(scene);
    t.is(scene.neighbour.asked.length, second);
  }
});

test("a service that flaps is asked all the time", async (t) => {
  const scene = await sceneWith(t, inTurn(answering({}, 500), good));

  for (let n = 0; n < 10; n++) {
    await asked(scene);
    await asked(scene);
  }

  t.is(scene.results.filter((result) => result === "ok").length, 10);
  t.is(scene.results.filter((result) => result === "error").length, 10);
});

test("unusable policies of some merchants do not keep the others from theirs", async (t) => {
  const scene = await sceneWith(t, (response, question) => {
    const isBad = question.query.get("merchant_id") === "bad";
    return (isBad ? answering({ daily_limit: -1 }) : good)(response, question);
  });

  for (let n = 0; n < 20; n++) await asked(scene, "bad");

  t.is(await asked(scene, "good"), "5000000");
});

test("an outage is one line, however long it is, and its end is another", async (t) => {
  const scene = await sceneWith(t, good);

  await outage(scene);
  for (let second = 0; second < 5; second++) {
    await scene.clock.advance(pauseMs);
    await asked(scene);
  }
  t.deepEqual(scene.log.taken(), ["warn: policy service does not answer, is tried once a second"]);

  scene.neighbour.behave(good);
  await scene.clock.advance(pauseMs);
  await asked(scene);
  t.deepEqual(scene.log.taken(), ["info: policy service answers again"]);
});

test("the service may move while we run, and may be taken away", async (t) => {
  const scene = await sceneWith(t, good);
  const other = await sceneWith(t, answering({ daily_limit: 7 }));

  t.is(await asked(scene), "5000000");
  scene.url = other.url;
  t.is(await asked(scene), "7");
  scene.url = null;
  t.is(await asked(scene), "none");
  scene.url = "http://:no";
  t.regex(await asked(scene), /^the policy service did not answer: /);
});

test("a hundred questions at once share a bounded number of connections", async (t) => {
  const scene = await sceneWith(t, good);

  const answers = await Promise.all(Array.from({ length: 100 }, (_, n) => asked(scene, `M-${n}`)));

  t.deepEqual(new Set(answers), new Set(["5000000"]));
  t.true(new Set(scene.neighbour.asked.map(({ port }) => port)).size <= 64);
});

test("who closes the client waits for nobody", async (t) => {
  const scene = await sceneWith(t, hanging);
  const answer = asked(scene);
  await until("the question arrives", () => scene.neighbour.asked.length > 0);

  await scene.service.close();

  t.regex(await answer, /^the policy service did not answer: /);
});
