import test from "ava";

import { cutOff, patienceOf, Reach } from "../../../../shards/ownership/reach.ts";
import { fakeClock } from "../../../support/fake-clock.ts";

const leaseMs = 4_000;

/** A node as the table has it. */
function saying(node: string, reachable: boolean, forMs: number) {
  return { writerId: 1n, node, reachable, forMs };
}

function namesOf(nodes: readonly { readonly node: string }[]): readonly string[] {
  return nodes.map(({ node }) => node);
}

/** A node with a line that the test silences. */
function reachOf() {
  const clock = fakeClock();
  const line = { isHeard: true, asked: 0, ask: () => void (line.asked += 1) };
  return { clock, line, reach: new Reach(line, clock, leaseMs) };
}

test("who is out of reach while another is in reach all the time is cut off", (t) => {
  const nodes = [saying("a", false, leaseMs), saying("b", true, 60_000), saying("c", true, 10)];

  t.deepEqual(namesOf(cutOff(nodes, leaseMs)), ["a"]);
  t.deepEqual(namesOf(cutOff([saying("a", false, leaseMs - 1), ...nodes.slice(1)], leaseMs)), []);
});

test("where NATS is away for all, nobody is cut off, however much later each has noticed", (t) => {
  const nodes = [saying("a", false, 60_000), saying("b", false, 59_000), saying("c", true, 58_000)];

  t.deepEqual(namesOf(cutOff(nodes.slice(0, 2), leaseMs)), []);
  t.deepEqual(namesOf(cutOff([saying("a", false, 900), saying("c", true, 60_000)], leaseMs)), []);
});

test("who finds NATS again before the others waits for them", (t) => {
  const back = (forMs: number) => [saying("a", true, forMs), saying("b", false, 60_000)];

  t.deepEqual(namesOf(cutOff(back(leaseMs - 1), leaseMs)), []);
  t.deepEqual(namesOf(cutOff(back(leaseMs), leaseMs)), ["b"]);
});

test("a node is waited for as long as its lease lasts, and two seconds at least", (t) => {
  t.is(patienceOf(leaseMs), leaseMs);
  t.is(patienceOf(500), 2_000);
});

test("a node answers nothing over NATS when others may close its writer, until it is written that it is heard", async (t) => {
  const { clock, line, reach } = reachOf();
  reach.said(reach.toSay());

  line.isHeard = false;
  t.false(reach.toSay());
  reach.said(false);
  await clock.advance(leaseMs - 1);
  t.true(reach.mayAnswer);
  reach.said(reach.toSay());
  await clock.advance(1);
  t.false(reach.mayAnswer, "it counts from the first time that it was said");

  line.isHeard = true;
  t.true(reach.toSay());
  t.false(reach.mayAnswer, "a renewal that fails has told nobody");
  reach.said(true);
  t.true(reach.mayAnswer);
  t.is(line.asked, 4);
});

test("a node without NATS says nothing of it, and answers", (t) => {
  const reach = new Reach(null, fakeClock(), leaseMs);

  t.is(reach.toSay(), null);
  t.true(reach.mayAnswer);
  t.false(reach.isHeard);
});
