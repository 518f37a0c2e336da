import test from "ava";

import type { Answer, Body, Operation } from "../support/load-clients.ts";
import type { Intent, Observed } from "./gateways.ts";
import { check, type Findings, type Stored } from "./history.ts";

const dailyLimit = 100;
const unknown: Answer = { status: 504, headers: {}, body: {}, verdict: "unknown" };
const nothing: Answer = { status: 503, headers: {}, body: {}, verdict: "nothing" };

/** 60 are taken at 10 ms and acknowledged at 20; 30 held at 30 and 40; 20 refused at 50 and 60, since 90 stand. */
const story: readonly Intent[] = [
  asked("A-1", "consume", { amount: 60 }, seen(10, 20, applied(1, 60, 0))),
  asked("A-2", "reserve", { amount: 30 }, seen(30, 40, applied(2, 60, 30))),
  asked("A-3", "consume", { amount: 20 }, seen(50, 60, refused(60, 30, 20))),
];
const log: readonly Body[] = [
  entry("A-1", "consume", 1, [0, 0], [60, 0]),
  entry("A-2", "reserve", 2, [60, 0], [60, 30]),
];

/** What is stored, and of what is found the kind that it has to be found as; null = sound. */
const cases: Readonly<Record<string, readonly [readonly Intent[], Stored, Found | null, RegExp?]>> =
  {
    "all is as it was told": [story, stored(log, 60, 30), null],
    "an acknowledged operation is not in the log": [
      story,
      stored(log.slice(0, 1), 60, 0),
      "lost",
      /A-2 reserve/,
    ],
    "an operation is in the log twice": [
      story,
      stored([...log, entry("A-1", "consume", 3, [60, 30], [60, 30])], 60, 30),
      "doubled",
      /A-1 consume/,
    ],
    "the sum is above the limit": [
      [...story, asked("A-4", "consume", { amount: 11 }, seen(70, 80, applied(3, 71, 30)))],
      stored([...log, entry("A-4", "consume", 3, [60, 30], [71, 30])], 71, 30),
      "aboveLimit",
      /version 3: 101/,
    ],
    "an operation of which nobody knew counts": [
      [...story, asked("A-4", "consume", { amount: 5 }, seen(70, 80, unknown))],
      stored([...log, entry("A-4", "consume", 3, [60, 30], [65, 30])], 65, 30),
      null,
    ],
    "an operation of which nobody knew does not count": [
      [...story, asked("A-4", "consume", { amount: 5 }, seen(70, 80, unknown))],
      stored(log, 60, 30),
      null,
    ],
    "what had not happened, as was told, is in the log": [
      [...story, asked("A-4", "consume", { amount: 5 }, seen(70, 80, nothing))],
      stored([...log, entry("A-4", "consume", 3, [60, 30], [65, 30])], 65, 30),
      "wrong",
      /A-4 .*did not happen/,
    ],
    "what was refused in the end is in the log": [
      [
        ...story,
        asked(
          "A-4",
          "consume",
          { amount: 20 },
          seen(70, 75, unknown),
          seen(76, 80, refused(60, 30, 20)),
        ),
      ],
      stored([...log, entry("A-4", "consume", 3, [60, 30], [60, 30])], 60, 30),
      "wrong",
      /A-4 .*did not happen/,
    ],
    "nobody asked for an entry": [
      story,
      stored([...log, entry("X-1", "consume", 3, [60, 30], [61, 30])], 61, 30),
      "wrong",
      /X-1 .*nobody/,
    ],
    "an answer told other sums than the log has": [
      [asked("A-1", "consume", { amount: 60 }, seen(10, 20, applied(1, 61, 0))), ...story.slice(1)],
      stored(log, 60, 30),
      "wrong",
      /told daily_used 61/,
    ],
    "a version is missing": [
      [asked("A-1", "consume", { amount: 60 }, seen(10, 20, applied(2, 60, 0)))],
      stored([entry("A-1", "consume", 2, [0, 0], [60, 0])], 60, 0),
      "wrong",
      /version 2 stands at 1/,
    ],
    "an entry does not begin where the one before ended": [
      [story[0], asked("A-2", "reserve", { amount: 30 }, seen(30, 40, applied(2, 65, 30)))].filter(
        (each) => each !== undefined,
      ),
      stored([...log.slice(0, 1), entry("A-2", "reserve", 2, [65, 0], [65, 30])], 65, 30),
      "wrong",
      /version 2 begins at 65/,
    ],
    "the quota is not what the log ends at": [story, stored(log, 50, 30), "wrong", /quota is 50/],
    "a later operation stands before an earlier one": [
      [
        asked("A-1", "consume", { amount: 60 }, seen(10, 20, applied(2, 60, 30))),
        asked("A-2", "reserve", { amount: 30 }, seen(30, 40, applied(1, 0, 30))),
      ],
      stored(
        [
          entry("A-2", "reserve", 1, [0, 0], [0, 30]),
          entry("A-1", "consume", 2, [0, 30], [60, 30]),
        ],
        60,
        30,
      ),
      "wrong",
      /A-2 reserve: is version 1/,
    ],
    "a refusal rests on sums that did not stand any more": [
      [
        ...story.slice(0, 2),
        asked("A-3", "consume", { amount: 50 }, seen(50, 60, refused(60, 0, 50))),
      ],
      stored(log, 60, 30),
      "wrong",
      /A-3 .*without a reason/,
    ],
    "a refusal of what would have fitted": [
      [
        ...story.slice(0, 2),
        asked("A-3", "consume", { amount: 10 }, seen(50, 60, refused(60, 30, 10))),
      ],
      stored(log, 60, 30),
      "wrong",
      /A-3 .*without a reason/,
    ],
    "an answer is a bug": [
      [...story, asked("A-4", "consume", { amount: 5 }, seen(70, 80, { ...unknown, status: 500 }))],
      stored(log, 60, 30),
      "wrong",
      /A-4 consume: 500/,
    ],
  };

type Found = keyof Pick<Findings, "lost" | "doubled" | "aboveLimit" | "wrong">;

for (const [name, [intents, stands, expected, line = /$/]] of Object.entries(cases)) {
  test(`the checker of a history: ${name}`, (t) => {
    const found = check(intents, stands);

    const lines = [found.lost, found.doubled, found.aboveLimit, found.wrong].flat();
    if (expected === null) t.deepEqual(lines, []);
    else
      t.true(
        found[expected].some((each) => line.test(each)),
        lines.join("\n"),
      );
  });
}

test("the checker of a history: outcomes are counted by operation, answers by themselves", (t) => {
  const open = asked("A-4", "consume", { amount: 5 }, seen(70, 80, unknown), seen(81, 90, nothing));

  const found = check([...story, open], stored(log, 60, 30));

  t.like(found, { operations: 4, acknowledged: 2, refused: 1, undecided: 1 });
  t.like(found, { unknownAnswers: 1, nothingAnswers: 1 });
});

function asked(orderNo: string, operation: Operation, body: Body, ...observed: Observed[]): Intent {
  return { merchantId: "M-1", orderNo, operation, body, observed };
}

function seen(sentMs: number, answeredMs: number, answer: Answer): Observed {
  return { sentMs, answeredMs, answer };
}

function applied(version: number, used: number, reserved: number): Answer {
  const sums = { daily_used: used, reserved_amount: reserved, pending_amount: used };
  return {
    status: 200,
    headers: {},
    body: { version, log_id: `id-${version}`, ...sums },
    verdict: "applied",
  };
}

function refused(used: number, reserved: number, requested: number): Answer {
  const body = { code: "DAILY_LIMIT_EXCEEDED", limit: dailyLimit, used, reserved, requested };
  return { status: 429, headers: {}, body, verdict: "refused" };
}

/** An entry with the used and the reserved sum before and after it. */
function entry(
  orderNo: string,
  action: Operation,
  version: number,
  [usedBefore, reservedBefore]: readonly [number, number],
  [usedAfter, reservedAfter]: readonly [number, number],
): Body {
  const used = ["daily_used", "monthly_used", "yearly_used", "pending"];
  return {
    ...{ id: `id-${version}`, merchant_id: "M-1", order_no: orderNo, refund_no: null },
    ...{ action_type: action, version },
    ...Object.fromEntries(used.map((name) => [`${name}_before`, usedBefore])),
    ...Object.fromEntries(used.map((name) => [`${name}_after`, usedAfter])),
    ...{ reserved_before: reservedBefore, reserved_after: reservedAfter },
  };
}

function stored(entries: readonly Body[], used: number, reserved: number): Stored {
  const sums = { daily_used: used, monthly_used: used, yearly_used: used, pending_amount: used };
  const quota = { merchant_id: "M-1", ...sums, reserved_amount: reserved, version: entries.length };
  return { entries, quotas: [quota], dailyLimit };
}
