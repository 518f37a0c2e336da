import { Fault, faultOf } from "../wire/fault.ts";
import {
  type Answered,
  answerText,
  parcelFrom,
  type Numbered,
  refusalText,
  sheetText,
} from "../wire/parcel.ts";
import { shardOf } from "../wire/placement.ts";
import { parcelSubject, servedBy } from "../wire/subject.ts";
import type { Bus, Handler } from "./bus.ts";
import type { Clock } from "./clock.ts";
import { Gathering } from "./gathering.ts";
import type { NatsLine } from "./nats.ts";
import type { Heard } from "./nats-heard.ts";

/** The part of a parcel's reply subject behind which its edge hears answers. */
export const sheetPart = "answers";

/** Answers one who is not an edge of ours. */
export type AnswerStranger = (heard: Heard, handler: Handler) => void;

/**
 * The owners' side of the bus. Each message is answered when it is done; what is done in one event-loop turn, as the
 * messages of one commit are, goes to its edge in one sheet.
 */
export function natsOwner(options: {
  readonly nats: NatsLine;
  readonly clock: Clock;
  readonly shardCount: number;
  readonly stranger: AnswerStranger;
}): Bus["serve"] {
  const { nats, clock, shardCount, stranger } = options;
  // An answer that cannot be sent, or is larger than the server takes, is an unknown outcome to whoever waits for it.
  const answers = new Gathering<{ readonly text: string }>({
    clock,
    bytesMax: () => nats.payloadBytesMax,
    send: (address, parts) => {
      nats.send({ subject: address, text: sheetText(parts.map(({ text }) => text)) });
    },
    onTooLarge: () => undefined,
  });
  const answer = (sheet: string, answered: Answered): void => {
    answers.add(sheet, { text: answerText(answered) });
  };

  const hearParcel = (heard: Heard, handler: Handler): void => {
    const { reply } = heard;
    if (reply === null) return;
    let messages: readonly Numbered[];
    try {
      messages = parcelFrom(heard.text());
    } catch (error) {
      nats.send({ subject: reply, text: refusalText(faultOf(error)) });
      return;
    }
    const sheet = `${reply.slice(0, reply.lastIndexOf("."))}.${sheetPart}`;
    for (const { no, message } of messages) {
      handler(message).then(
        (outcome) => {
          answer(sheet, { no, outcome });
        },
        (error: unknown) => {
          answer(sheet, { no, fault: faultOf(error) });
        },
      );
    }
  };

  return (subject, handler, owns) => {
    const own = Number(subject.slice(subject.lastIndexOf(".") + 1));
    const ofThisShard: Handler = async (message) => {
      if (shardOf(message.request.key, shardCount) !== own) throw misdirected;
      try {
        return await handler(message);
      } catch (error) {
        const fault = faultOf(error);
        // Whoever closed this writer serves the shard, and may have heard the same message.
        if (fault.code !== "SHARD_UNAVAILABLE" || owns?.() !== false) throw fault;
        throw new Fault("OUTCOME_UNKNOWN", "another node may have done it", { cause: fault });
      }
    };
    return nats.subscribe(servedBy(subject), (heard) => {
      if (owns?.() === false) return;
      if (heard.subject === parcelSubject(subject)) hearParcel(heard, ofThisShard);
      else stranger(heard, ofThisShard);
    });
  };
}

/** Two owners of one key would count apart: a process or a server with another SHARD_COUNT is not served. */
const misdirected = new Fault(
  "INTERNAL",
  "the key belongs to another shard: SHARD_COUNT is not the same everywhere",
);
