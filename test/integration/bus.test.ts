import anyTest, { type ExecutionContext, type TestFn } from "ava";

import type { Command } from "../../src/domain/command.ts";
import { instant } from "../../src/domain/instant.ts";
import { type Bus, localBus } from "../../src/platform/bus.ts";
import { natsBus } from "../../src/platform/bus-nats.ts";
import { systemClock as clock } from "../../src/platform/clock.ts";
import { Nats } from "../../src/platform/nats.ts";
import { Fault } from "../../src/wire/fault.ts";
import type { Message } from "../../src/wire/message.ts";
import { shardsMovedTexts } from "../../src/wire/shards-moved.ts";
import {
  limitsChangedSubject,
  parcelSubject,
  shardsMovedSubject,
  shardSubject,
} from "../../src/wire/subject.ts";
import { acceptedOutcome, refusedOutcome } from "../support/edge-ask.ts";
import { Gate, until } from "../support/node-clock.ts";
import { logInto } from "../support/node-harness.ts";
import { consume, suspend } from "../support/quota-builders.ts";
import { type RealNats, realNats } from "../support/services-nats.ts";

/** Its server is killed, so it has its own; null = there is none on this machine, which was said. */
const test = anyTest.serial as TestFn<{ readonly server: RealNats | null }>;
const startMaxMs = 30_000;
const patientMs = 60_000;
/** One shard, so that every key is of it. */
const shardCount = 1;
const subject = shardSubject(0);

test.before(async (t) => {
  const server = await realNats({ own: true });
  t.context = { server: "skipped" in server ? null : server };
});
test.after.always(async (t) => {
  await t.context.server?.stop();
});

/** The edge's bus and the owner's: of one process, or of two that meet in NATS. */
interface Pair {
  readonly edge: Bus;
  readonly owner: Bus;
  readonly nats: readonly Nats[];
}

async function natsPair(t: ExecutionContext, server: RealNats): Promise<Pair> {
  const nats = ["edge", "owner"].map(
    (name) => new Nats({ servers: [server.url], name, clock, log: logInto([]) }),
  );
  t.teardown(() => Promise.all(nats.map((each) => each.close())));
  await until("both are connected", () => nats.every(({ connected }) => connected), startMaxMs);
  const [edge, owner] = nats.map((each) =>
    natsBus({ nats: each, clock, shardCount, stranger: () => undefined }),
  );
  if (!edge || !owner) throw new Error("two were made");
  return { edge, owner, nats };
}

function message(request: Command = consume("A-1", 40n), leftMs = patientMs): Message {
  return { request, deadline: instant(clock.now() + leftMs) };
}

/** Asks until the owner's subscription has reached the server. */
async function asked(edge: Bus, about: Message = message()): Promise<unknown> {
  let outcome: unknown;
  await until("the owner is found", async () => {
    outcome = await edge.request(subject, about).catch((error: unknown) => error);
    return !(outcome instanceof Fault && outcome.message.startsWith("nobody"));
  });
  return outcome;
}

const makes: Readonly<Record<string, (t: ExecutionContext, server: RealNats) => Promise<Pair>>> = {
  "in one process": () => {
    const bus = localBus();
    return Promise.resolve({ edge: bus, owner: bus, nats: [] });
  },
  "over NATS": natsPair,
};

for (const [where, make] of Object.entries(makes)) {
  test(`${where}: answers, refusals and faults come back as the owner said them`, async (t) => {
    const { server } = t.context;
    if (!server) return t.pass();
    const { edge, owner } = await make(t, server);
    const heard: Message[] = [];
    let say = (about: Message) => Promise.resolve(acceptedOutcome(about.request));
    const stop = owner.serve(subject, (about) => {
      heard.push(about);
      return say(about);
    });

    const about = message();
    t.deepEqual(await asked(edge, about), acceptedOutcome(about.request));
    t.deepEqual(heard.at(-1), about);
    const refused = refusedOutcome(about.request, "DAILY_LIMIT_EXCEEDED");
    say = () => Promise.resolve(refused);
    t.deepEqual(await edge.request(subject, about), refused);
    say = () => Promise.reject(new Fault("OVERLOADED", "it is full"));
    await t.throwsAsync(edge.request(subject, about), { message: "it is full" });

    stop();
    await until("the owner is gone", async () => {
      const fault = await edge.request(subject, about).catch((error: unknown) => error);
      return fault instanceof Fault && fault.message.startsWith("nobody owns");
    });
    return undefined;
  });

  test(`${where}: a slow one holds up none of those that were asked with it`, async (t) => {
    const { server } = t.context;
    if (!server) return t.pass();
    const { edge, owner } = await make(t, server);
    const gate = new Gate();
    owner.serve(subject, async (about) => {
      if ("orderNo" in about.request && about.request.orderNo === "slow") await gate.opened;
      return acceptedOutcome(about.request);
    });
    await asked(edge);

    const slow = edge.request(subject, message(consume("slow", 1n)));
    const others = Array.from({ length: 1_200 }, (_, n) =>
      edge.request(subject, message(consume(`A-${String(n)}`, 1n))),
    );

    t.is((await Promise.all(others)).length, 1_200);
    gate.open();
    t.is((await slow).kind, "accepted");
    return undefined;
  });
}

test("what was asked of an owner that is lost is unknown as soon as its shards are free", async (t) => {
  const { server } = t.context;
  if (!server) return t.pass();
  const { edge, owner, nats } = await natsPair(t, server);
  const [listener, teller] = nats;
  let answers = true;
  owner.serve(subject, (about) =>
    answers ? Promise.resolve(acceptedOutcome(about.request)) : new Promise(() => undefined),
  );
  await asked(edge).finally(() => (answers = false));
  const tell = (shards: readonly number[], to: string | null): void => {
    const [text = ""] = shardsMovedTexts({ shards, to });
    teller?.send({ subject: shardsMovedSubject, text });
  };
  let ended = false;
  const lost = edge.request(subject, message()).finally(() => (ended = true));
  let passed = false;
  listener?.listen(limitsChangedSubject, () => (passed = true));

  tell([0], "another");
  tell([1], null);
  await until("both were heard", () => {
    teller?.send({ subject: limitsChangedSubject, text: "" });
    return passed;
  });
  t.false(ended);
  tell([0], null);
  await t.throwsAsync(lost, { message: "the writer was closed before the owner answered" });
  return undefined;
});

test("what the owner does not answer by the deadline is unknown for a command, and nothing for a question", async (t) => {
  const { server } = t.context;
  if (!server) return t.pass();
  const { edge, owner } = await natsPair(t, server);
  let silent = false;
  owner.serve(subject, ({ request }) =>
    silent ? new Promise(() => undefined) : Promise.resolve(acceptedOutcome(request)),
  );
  await asked(edge);
  silent = true;
  const { key } = consume("A-1", 1n);
  const deadline = instant(clock.now() + 200);

  const command = edge.request(subject, { request: suspend(), deadline });
  const question = edge.request(subject, { request: { kind: "get", key }, deadline });

  await t.throwsAsync(command, { instanceOf: Fault, message: /deadline/, code: "OUTCOME_UNKNOWN" });
  await t.throwsAsync(question, { code: "SHARD_UNAVAILABLE" });
  return undefined;
});

test("while NATS is away nothing is sent, a shard of the same process serves, and afterwards all do", async (t) => {
  const { server } = t.context;
  if (!server) return t.pass();
  const { edge, owner, nats } = await natsPair(t, server);
  let silent = false;
  owner.serve(subject, ({ request }) =>
    silent ? new Promise(() => undefined) : Promise.resolve(acceptedOutcome(request)),
  );
  await asked(edge);
  silent = true;
  const onItsWay = edge.request(subject, message());
  const lost = t.throwsAsync(onItsWay, { code: "OUTCOME_UNKNOWN" });
  // What is sent in this turn leaves at its end.
  await new Promise((resolve) => setImmediate(resolve));

  await server.kill();

  await lost;
  silent = false;
  await until("the loss is seen", () => nats.every(({ connected }) => !connected));
  await t.throwsAsync(edge.request(subject, message()), { code: "SHARD_UNAVAILABLE" });
  t.is((await owner.request(subject, message())).kind, "accepted");
  await server.restart();
  await until("both are back", () => nats.every(({ connected }) => connected), startMaxMs);
  t.like(await asked(edge), { kind: "accepted" });
  return undefined;
});

test("requests over the server's max_payload go as several messages, and none is lost", async (t) => {
  const { server } = t.context;
  if (!server) return t.pass();
  const { edge, owner } = await natsPair(t, server);
  owner.serve(subject, ({ request }) => Promise.resolve(acceptedOutcome(request)));
  await asked(edge);
  const remarks = "x".repeat(60_000);

  const outcomes = await Promise.all(
    Array.from({ length: 50 }, (_, n) =>
      edge.request(subject, message({ ...consume(`L-${String(n)}`, 1n), remarks })),
    ),
  );

  t.is(outcomes.length, 50);
  const most = { ...consume("L-most", 1n), remarks: "x".repeat(2_000_000) };
  await t.throwsAsync(edge.request(subject, message(most)), { message: /max_payload/ });
  return undefined;
});

test("an owner refuses a parcel of another version, and a key of another shard", async (t) => {
  const { server } = t.context;
  if (!server) return t.pass();
  const { edge, owner, nats } = await natsPair(t, server);
  owner.serve(subject, ({ request }) => Promise.resolve(acceptedOutcome(request)));
  await asked(edge);
  const [sender] = nats;
  const said: string[] = [];
  const inbox = sender?.newInbox() ?? "";
  sender?.subscribe(`${inbox}.*`, (heard) => said.push(heard.text()));
  sender?.send({
    subject: parcelSubject(subject),
    text: '{"v":9,"messages":[]}',
    reply: `${inbox}.1`,
  });

  await until("it is refused", () => said.length > 0);
  t.regex(said[0] ?? "", /does not speak version 9/);

  const elsewhere = shardSubject(7);
  owner.serve(elsewhere, ({ request }) => Promise.resolve(acceptedOutcome(request)));
  await until("it says so", async () => {
    const fault = await edge.request(elsewhere, message()).catch((error: unknown) => error);
    return fault instanceof Fault && /SHARD_COUNT is not the same/.test(fault.message);
  });
  return undefined;
});
