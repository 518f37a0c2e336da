import test from "ava";

import type { DemoEvent } from "../../../../ops/demo/day.ts";
import { Sender } from "../../../../ops/demo/sender.ts";

const secret = "a-secret-of-the-tests-with-40-characters";
const key = { merchant_id: "M-1", currency: "USD" };

function order(op: string, order_no: string, follows: string | null = null): DemoEvent {
  return { atMs: 0, operation: { op, ...key, order_no, amount: 5 }, follows };
}

/** A service that answers the statuses in turn, a list for each batch. */
function serviceOf(...answers: (readonly number[])[]) {
  const asked: string[][] = [];
  const sender = new Sender(secret, (_path, _headers, body) => {
    const { operations } = JSON.parse(body) as { operations: { op: string; order_no: string }[] };
    asked.push(operations.map(({ op, order_no: number }) => `${op} ${number}`));
    const results = (answers.shift() ?? []).map((status) => ({ status }));
    return Promise.resolve({ status: 200, body: { results } });
  });
  return { sender, asked };
}

test("what the service could not do is sent again, and nothing else", async (t) => {
  const { sender, asked } = serviceOf([200, 503, 429], [200]);

  await sender.batch([order("consume", "A"), order("consume", "B"), order("consume", "C")]);

  t.deepEqual(asked, [["consume A", "consume B", "consume C"], ["consume B"]]);
  t.deepEqual(sender.sent, { accepted: 2, refused: 1 });
});

test("nothing follows an order that was refused", async (t) => {
  const { sender, asked } = serviceOf([429, 200], [200]);
  await sender.batch([order("reserve", "A"), order("consume", "B")]);

  await sender.batch([order("confirm", "A", "M-1 USD A"), order("settle", "B", "M-1 USD B")]);

  t.deepEqual(asked[1], ["settle B"]);
});

test("a service that does not know the development secret is told from one that is down", async (t) => {
  const refusing = new Sender(secret, () => Promise.resolve({ status: 401, body: {} }));
  const broken = new Sender(secret, () => Promise.resolve({ status: 500, body: {} }));

  await t.throwsAsync(refusing.batch([order("consume", "A")]), { message: /development service/ });
  await t.throwsAsync(broken.batch([order("consume", "A")]), { message: /answers 500/ });
});
