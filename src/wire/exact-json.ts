/*
 * JSON that keeps every bigint: it is text behind this mark, and text that begins with the mark has it twice. What JSON
 * has no word for (undefined, Map, Date) must not be in it.
 */
const mark = "~";

/** A value of plain objects, lists, text, numbers, booleans, null and bigint, as text. */
export function exactText(value: unknown): string {
  return JSON.stringify(value, (_name, part: unknown) => {
    if (typeof part === "bigint") return mark + part.toString();
    return typeof part === "string" && part.startsWith(mark) ? mark + part : part;
  });
}

/** The inverse. @throws SyntaxError when it is not such a text */
export function exactFrom(text: string): unknown {
  return restored(JSON.parse(text));
}

/** In place: nobody else has it. */
function restored(part: unknown): unknown {
  if (typeof part === "string") return part.startsWith(mark) ? unmarked(part) : part;
  if (Array.isArray(part)) return part.map(restored);
  if (!isRecord(part)) return part;
  for (const name of Object.keys(part)) {
    const value = part[name];
    if (typeof value === "string" ? value.startsWith(mark) : typeof value === "object") {
      part[name] = restored(value);
    }
  }
  return part;
}

function unmarked(text: string): string | bigint {
  const rest = text.slice(mark.length);
  return rest.startsWith(mark) ? rest : BigInt(rest);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
