import { connect, createInbox, type Msg } from "@nats-io/transport-node";

import { parcelText } from "../../src/wire/parcel.ts";
import { shardOf } from "../../src/wire/placement.ts";
import { storedKey } from "../../src/wire/codec.ts";
import { askSubject, edgeInboxes, parcelSubject, shardSubject } from "../../src/wire/subject.ts";
import { Latency } from "../load/latency.ts";
import { orderWriter } from "./nats-order.ts";
import type { NatsPlan, NatsRan } from "./nats-plan.ts";

/*
 * Loads the service over NATS, in a process of its own. The first parameter is a NatsPlan as JSON, standard output the
 * NatsRan. Closed loop: so many calls are on their way all the time, until the time is over; then every answer is waited
 * for, so that what is acknowledged is known exactly.
 */
const deadlineMs = 10_000;
/** What was refused because too much waited, and by which nothing has happened, is asked again after a moment. */
const againMs = 50;
const answersMaxMs = 15_000;

const plan = JSON.parse(process.argv[2] ?? "") as NatsPlan;
const connection = await connect({ servers: plan.url });
const latency = new Latency();
const batch = plan.batch ?? 1;
const inbox = createInbox(plan.batch === null ? "_INBOX" : edgeInboxes);
/** Calls that are not wholly answered, by number; parcels with their messages, in the order of their numbers. */
const open = new Map<number, { readonly sentMs: number; left: number; messages: string[] }>();
let calls = 0;
let good = 0;
let refused = 0;
const wrong = new Map<string, number>();

const isRefused = /"fault":\{"code":"OVERLOADED"/;
const send = plan.batch === null ? sendPlain() : sendParcel(plan.batch);
connection.subscribe(`${inbox}.>`, {
  callback: (error, message) => {
    if (error) throw error;
    if (plan.batch === null) hearPlain(message);
    else hearParcel(message);
    pump();
  },
});
await connection.flush();
const startMs = performance.now();
const endMs = startMs + plan.seconds * 1_000;
let finish: () => void = () => undefined;
const finished = new Promise<void>((resolve) => {
  finish = resolve;
});
const overdue = setTimeout(
  () => {
    finish();
  },
  plan.seconds * 1_000 + answersMaxMs,
);
pump();
await finished;
clearTimeout(overdue);
const lastedMs = performance.now() - startMs;
let unanswered = 0;
for (const { left } of open.values()) unanswered += left;
const ran: NatsRan = {
  good,
  refused,
  unanswered,
  wrong: Object.fromEntries(wrong),
  lastedMs,
  p50Ms: latency.at(50),
  p99Ms: latency.at(99),
};
process.stdout.write(`${JSON.stringify(ran)}\n`);
await connection.close();

function pump(): void {
  if (performance.now() >= endMs) {
    if (open.size === 0) finish();
    return;
  }
  while (open.size < plan.onTheirWay) {
    const call = calls++;
    open.set(call, { sentMs: performance.now(), left: batch, messages: [] });
    send(call);
  }
}

function answered(call: number, parts: number): void {
  const known = open.get(call);
  if (known === undefined) return;
  known.left -= parts;
  if (known.left > 0) return;
  open.delete(call);
  latency.record(performance.now() - known.sentMs);
}

/** A client without code of ours: one message a consume, one message an answer. */
function sendPlain(): (call: number) => void {
  return (call) => {
    const merchant = `M-${1 + Math.floor(Math.random() * plan.merchants)}`;
    connection.publish(
      askSubject("consume", merchant, "USD"),
      `{"order_no":"${plan.name}-${call}","amount":1}`,
      { reply: `${inbox}.${call}` },
    );
  };
}

function hearPlain(message: Msg): void {
  const text = message.string();
  if (text.includes(`"duplicate":false`) && text.includes(`"status":200`)) good += 1;
  else blame(text);
  answered(Number(message.subject.slice(inbox.length + 1)), 1);
}

/** As an edge: what it has for one shard goes as one message, whose answers come as they are done. */
function sendParcel(size: number): (call: number) => void {
  const write = orderWriter();
  const ofShard = Array.from({ length: plan.shardCount }, (): string[] => []);
  for (let n = 1; n <= plan.merchants; n += 1) {
    ofShard[shardOf(storedKey(`M-${n}`, "USD"), plan.shardCount)]?.push(`M-${n}`);
  }
  return (call) => {
    const shard = call % plan.shardCount;
    const merchants = ofShard[shard] ?? [];
    const deadline = Date.now() + deadlineMs;
    const messages = Array.from({ length: size }, (_, index) => {
      const merchant = merchants[Math.floor(Math.random() * merchants.length)] ?? "";
      const no = call * size + index;
      return write({ no, deadline, merchant, orderNo: `${plan.name}-${no}` });
    });
    open.get(call)?.messages.push(...messages);
    publish(call, messages);
  };
}

function publish(call: number, messages: readonly string[]): void {
  const subject = parcelSubject(shardSubject(call % plan.shardCount));
  connection.publish(subject, parcelText(messages), { reply: `${inbox}.${call}` });
}

/** @param numbers of one call */
function askAgain(call: number, numbers: readonly number[]): void {
  refused += numbers.length;
  setTimeout(() => {
    const messages = open.get(call)?.messages ?? [];
    publish(
      call,
      numbers.map((no) => messages[no % batch] ?? ""),
    );
  }, againMs);
}

function hearParcel(message: Msg): void {
  const text = message.string();
  const part = message.subject.slice(inbox.length + 1);
  if (/^\d+$/.test(part)) {
    // The whole parcel was refused, or nobody serves the shard.
    blame(text === "" ? "nobody owns the shard" : text, batch);
    answered(Number(part), batch);
    return;
  }
  const again = new Map<number, number[]>();
  for (const [, no, answer = ""] of text.matchAll(
    /\{"no":(\d+),("outcome":\{"kind":"accepted","duplicate":false|.{60})/g,
  )) {
    const call = Math.floor(Number(no) / batch);
    if (isRefused.test(answer)) {
      again.set(call, [...(again.get(call) ?? []), Number(no)]);
      continue;
    }
    if (answer.startsWith(`"outcome":{"kind":"accepted"`)) good += 1;
    else blame(answer);
    answered(call, 1);
  }
  for (const [call, numbers] of again) askAgain(call, numbers);
}

function blame(text: string, operations = 1): void {
  const what = text.slice(0, 120);
  wrong.set(what, (wrong.get(what) ?? 0) + operations);
}
