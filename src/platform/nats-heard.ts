import { isUtf8 } from "node:buffer";

import type { Msg } from "@nats-io/transport-node";

/** The status with which the server answers in place of nobody. */
const noResponders = 503;

/** A message as it is heard. */
export interface Heard {
  readonly subject: string;
  /** Where an answer is heard; null = none is. */
  readonly reply: string | null;
  /** Nobody hears the subject to which this message's own address was the reply. */
  readonly nobody: boolean;
  readonly bytes: number;
  /** @returns nothing when the bytes are not UTF-8: no JSON is, and what they would be read as was never sent */
  text(): string;
  /** @returns null when there is no such header */
  header(name: string): string | null;
}

export function heardOf(message: Msg): Heard {
  const { subject, reply, headers, data } = message;
  return {
    subject,
    reply: reply === undefined || reply === "" ? null : reply,
    nobody: headers?.code === noResponders,
    bytes: data.byteLength,
    text: () => (isUtf8(data) ? message.string() : ""),
    header: (name) => (headers?.has(name) === true ? headers.get(name) : null),
  };
}
