import { Fault } from "./fault.ts";
import { isRecord } from "./record.ts";

/**
 * What a neighbour of the platform answers, out of its envelope: `{ "code": 0 | "SUCCESS", "data": … }`, the code
 * sometimes left out, or without any envelope.
 * @param from who answered, for the message
 * @throws Fault SHARD_UNAVAILABLE when there is an envelope that says failure
 */
export function dataOf(body: unknown, from: string): unknown {
  if (!isRecord(body) || !Object.hasOwn(body, "data")) return body;
  const { code, data } = body;
  if (code === undefined || code === 0 || code === "SUCCESS") return data;
  throw new Fault(
    "SHARD_UNAVAILABLE",
    `the ${from}'s answer says failure: its code is ${shown(code)}`,
  );
}

const shownCharactersMax = 40;

/** A value from outside as it may stand in a message: one line, and short. */
export function shown(value: unknown): string {
  if (typeof value === "object" && value !== null)
    return Array.isArray(value) ? "a list" : "an object";
  const text =
    typeof value === "string" ? JSON.stringify(value.slice(0, shownCharactersMax)) : String(value);
  return text.slice(0, 2 * shownCharactersMax);
}
