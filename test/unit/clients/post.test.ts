import test from "ava";

import { createPost, type Posted, postMs } from "../../../src/clients/post.ts";
import { type FakeClock, fakeClock } from "../../support/fake-clock.ts";
import {
  answering,
  FakeNeighbour,
  hanging,
  redirecting,
  saying,
} from "../../support/fake-neighbour.ts";
import { until } from "../../support/node-clock.ts";
import { at } from "../../support/quota-builders.ts";

const request = { headers: {}, body: "{}" };

/** Sends once; its time is over when the test says that it has come so far. */
async function sentTo(
  neighbour: FakeNeighbour,
  options: {
    readonly url?: string;
    readonly clock?: FakeClock;
    readonly overWhen?: () => boolean;
  } = {},
): Promise<Posted> {
  const clock = options.clock ?? fakeClock();
  const post = createPost(clock);
  const sent = post.send({ ...request, url: options.url ?? neighbour.url });
  if (options.overWhen) {
    await until("it has come so far", options.overWhen);
    await clock.advance(postMs);
  }
  const posted = await sent;
  await Promise.all([post.close(), neighbour.stop()]);
  if (clock.timers > 0) throw new Error("a timer was left behind");
  return posted;
}

test("an answer is its status and the beginning of its text", async (t) => {
  const short = await sentTo(await FakeNeighbour.start(answering({ code: 0 }, 202)));
  const long = await sentTo(await FakeNeighbour.start(saying("x".repeat(1_000_000), 500)));

  t.deepEqual(short, { kind: "answered", status: 202, body: '{"code":0}', retryAfterMs: null });
  t.is(long.kind === "answered" ? long.body.length : 0, 16_384);
});

test("who never answers is given up after five seconds", async (t) => {
  const neighbour = await FakeNeighbour.start(hanging);

  const posted = await sentTo(neighbour, { overWhen: () => neighbour.asked.length > 0 });

  t.deepEqual(posted, { kind: "lost", reason: "no answer within 5 s" });
});

test("who answers and then hangs has answered", async (t) => {
  const neighbour = await FakeNeighbour.start((response) => {
    response.writeHead(200, { "retry-after": "1", "content-length": 100 });
    response.write("received");
  });
  const clock = fakeClock();
  let isHeadRead = false;
  const watched: FakeClock = {
    ...clock,
    now: () => {
      isHeadRead = true;
      return clock.now();
    },
  };

  const posted = await sentTo(neighbour, { clock: watched, overWhen: () => isHeadRead });

  t.like(posted, { kind: "answered", status: 200 });
});

test("a redirect is an answer and is not followed", async (t) => {
  const elsewhere = await FakeNeighbour.start(answering({}));

  const posted = await sentTo(await FakeNeighbour.start(redirecting(elsewhere.url)));

  t.like(posted, { kind: "answered", status: 302 });
  t.is(elsewhere.asked.length, 0);
  await elsewhere.stop();
});

test("nobody there is no answer, and the reason does not say the address", async (t) => {
  const neighbour = await FakeNeighbour.start(answering({}));
  await neighbour.goAway();

  t.deepEqual(await sentTo(neighbour), { kind: "lost", reason: "ECONNREFUSED" });
});

test("credentials of an address are sent as such", async (t) => {
  const neighbour = await FakeNeighbour.start(answering({}));

  await sentTo(neighbour, { url: neighbour.url.replace("//", "//ann:p%40ss@") });

  t.like(neighbour.asked[0]?.headers, {
    authorization: `Basic ${Buffer.from("ann:p@ss").toString("base64")}`,
    "content-type": "application/json",
  });
});

for (const [said, retryAfterMs] of [
  ["120", 120_000],
  ["Sun, 22 Nov 2026 12:01:00 GMT", 60_000],
  ["Sun, 22 Nov 2026 11:00:00 GMT", 0],
  ["soon", null],
] as const) {
  test(`Retry-After: ${said} is understood`, async (t) => {
    const neighbour = await FakeNeighbour.start((response) => {
      response.writeHead(503, { "retry-after": said }).end();
    });

    const posted = await sentTo(neighbour, { clock: fakeClock(at("2026-11-22T12:00:00Z")) });

    t.like(posted, { status: 503, retryAfterMs });
  });
}
