import type { Outcome } from "../domain/outcome.ts";
import type { Message } from "../wire/message.ts";
import type { AnswerPlain } from "../wire/plain-ask.ts";
import { plainAsks } from "../wire/subject.ts";
import type { Nats } from "./nats.ts";
import type { Heard } from "./nats-heard.ts";

/** Answers what was heard; what names no place for an answer is not done, because nobody would know of it. */
export function plainAnswerer(
  nats: Nats,
  answer: AnswerPlain,
): (heard: Heard, ask: (message: Message) => Promise<Outcome>) => void {
  return (heard, ask) => {
    const { reply } = heard;
    if (reply === null) return;
    void answer(heard, ask).then((text) => {
      // An answer that cannot be sent is one that never came: whoever asked meets its own deadline.
      nats.send({ subject: reply, text });
    });
  };
}

/**
 * Answers plain asks that the server does not map to the owners, as one of the queue of all edges.
 * @returns ends it
 */
export function answerPlainAsks(
  nats: Nats,
  answer: AnswerPlain,
  ask: (message: Message) => Promise<Outcome>,
): () => void {
  const answerer = plainAnswerer(nats, answer);
  const hear = (heard: Heard): void => {
    answerer(heard, ask);
  };
  return nats.subscribe(plainAsks.subject, hear, plainAsks.queue);
}
