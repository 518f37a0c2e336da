import { Type } from "typebox";
import { Compile } from "typebox/compile";

import { dataOf, shown } from "./envelope.ts";
import { Fault } from "./fault.ts";
import { isRecord } from "./record.ts";

/** Who answers: for messages. */
const from = "config service";

/** An empty list may come as null. */
const entries = Type.Optional(Type.Union([Type.Null(), Type.Array(Type.Unknown())]));

/** What the config service says, in both of its dialects. */
const offeredBody = Type.Object({ items: entries, list: entries });

/** One entry of its list. What stands beside key and value is for others. */
const offeredEntry = Type.Object({ key: Type.String({ minLength: 1 }), value: Type.Unknown() });

const bodyCheck = Compile(offeredBody);
const entryCheck = Compile(offeredEntry);

/**
 * The values in an answer of the config service by their keys, as they would be written in the environment; null where
 * a value is neither text nor a number, true or false. A key whose value is null is not offered, and an entry without
 * a key is nothing; of entries with the same key the last one counts.
 * @throws Fault SHARD_UNAVAILABLE when the answer is not a list of settings
 */
export function offeredFrom(body: unknown): ReadonlyMap<string, string | null> {
  const data = dataOf(body, from);
  if (!bodyCheck.Check(data) || (data.items === undefined && data.list === undefined)) {
    throw new Fault("SHARD_UNAVAILABLE", `the ${from}'s answer cannot be used: ${whyNot(data)}`);
  }
  const offered = new Map<string, string | null>();
  for (const entry of data.items ?? data.list ?? []) {
    if (!entryCheck.Check(entry) || entry.value === null) continue;
    offered.set(entry.key, textOf(entry.value));
  }
  return offered;
}

function textOf(value: unknown): string | null {
  if (typeof value === "string") return value;
  return typeof value === "number" || typeof value === "boolean" ? String(value) : null;
}

function whyNot(data: unknown): string {
  if (!isRecord(data)) return `it is ${shown(data)}, not an object`;
  return "it has no list of items";
}
