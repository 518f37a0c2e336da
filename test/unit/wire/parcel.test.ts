import test from "ava";
import fc from "fast-check";

import type { Outcome } from "../../../src/domain/outcome.ts";
import { Fault } from "../../../src/wire/fault.ts";
import {
  answerText,
  messageText,
  parcelFrom,
  parcelText,
  refusalFrom,
  refusalText,
  sheetFrom,
  sheetText,
} from "../../../src/wire/parcel.ts";
import { consume, midday } from "../../support/quota-builders.ts";
import { anyMessage, anyOutcome } from "../../support/wire-arbitrary.ts";

test("every message arrives as it was sent", (t) => {
  fc.assert(
    fc.property(fc.array(anyMessage, { minLength: 1, maxLength: 3 }), (messages) => {
      const numbered = messages.map((message, no) => ({ no, message }));

      const arrived = parcelFrom(parcelText(numbered.map(messageText)));

      t.deepEqual(arrived, numbered);
    }),
  );
  t.pass();
});

test("every outcome arrives as it was answered, but for what its order did before", (t) => {
  fc.assert(
    fc.property(fc.array(anyOutcome, { minLength: 1, maxLength: 3 }), (outcomes) => {
      const answers = outcomes.map((outcome, no) => ({ no, outcome }));

      const arrived = sheetFrom(sheetText(answers.map(answerText)));

      t.deepEqual(
        arrived,
        answers.map(({ no, outcome }) => ({ no, outcome: withoutHistory(outcome) })),
      );
    }),
  );
  t.pass();
});

test("a fault arrives with its code and words, and without its cause", (t) => {
  const fault = new Fault("SHARD_UNAVAILABLE", "closed", {
    cause: new Error("hidden"),
    lasting: true,
  });

  const [answer] = sheetFrom(sheetText([answerText({ no: 7, fault })]));
  const refused = refusalFrom(refusalText(fault));

  for (const arrived of [answer && "fault" in answer ? answer.fault : undefined, refused]) {
    t.like(arrived, { code: "SHARD_UNAVAILABLE", message: "closed", lasting: true });
    t.is(arrived?.cause, undefined);
  }
});

test("a parcel of another version is refused, and can be asked again elsewhere", (t) => {
  const text = parcelText([messageText({ no: 1, message: message() })]);

  const fault = t.throws(() => parcelFrom(text.replace('"v":1', '"v":2')), { instanceOf: Fault });

  t.like(fault, {
    code: "SHARD_UNAVAILABLE",
    message: "the owner does not speak version 2",
  });
});

test("what is no message of ours never reaches a turn", (t) => {
  const whole = messageText({ no: 1, message: message() });
  const broken = [
    "",
    "{",
    "null",
    parcelText([whole.replace('"~40"', "40")]),
    parcelText([whole.replace("consume", "toString")]),
    parcelText([whole.replace('"kind":"consume"', '"kind":"unheard"')]),
    parcelText([whole.replace("M-1", "M 1")]),
    parcelText([whole.replace('"no":1', '"no":"1"')]),
    parcelText([whole.replace('"~40"', '"~4x"')]),
    parcelText([whole.replace('"~40"', '"~0"')]),
    parcelText([whole.replace('"~40"', '"~-40"')]),
    parcelText([whole.replace('"~40"', '"~9007199254740992"')]),
    parcelText([whole.replace('"remarks":null', String.raw`"remarks":"a\u0000"`)]),
    parcelText([whole.replace('"remarks":null', String.raw`"remarks":"\ud800"`)]),
  ];

  for (const text of broken) t.throws(() => parcelFrom(text), { instanceOf: Fault }, text);
  for (const text of broken) t.deepEqual(sheetFrom(text), []);
});

function message() {
  return { request: consume("A-1", 40n), deadline: midday };
}

function withoutHistory(outcome: Outcome): Outcome {
  if (outcome.kind !== "accepted" || outcome.order === null) return outcome;
  return { ...outcome, order: { ...outcome.order, effects: [] } };
}
