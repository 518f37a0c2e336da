import pg from "pg";

/** What a result column's text becomes, by the type's oid; a type not listed stays text. */
export type Decoder = (text: string) => unknown;

/** The driver's parsers by oid; its types know only some oids and call the result `any`. */
const driverParser = pg.types.getTypeParser as unknown as (oid: number) => Decoder;

const textArray = driverParser(1009);

/** @throws nothing; an array's elements that are null stay null */
function arrayOf(element: Decoder): Decoder {
  return (text) => {
    const elements: unknown = textArray(text);
    if (!Array.isArray(elements)) return elements;
    return elements.map((each: unknown) => (typeof each === "string" ? element(each) : each));
  };
}

const asText: Decoder = (text) => text;
const asBoolean: Decoder = (text) => text === "t";
const asNumber: Decoder = (text) => Number(text);
const asBigint: Decoder = (text) => BigInt(text);
const asJson: Decoder = (text): unknown => JSON.parse(text);
const asInstant = driverParser(1184);

/** Oids are constants of Postgres (src/include/catalog/pg_type.dat) and never change. */
const decoders: ReadonlyMap<number, Decoder> = new Map([
  [16, asBoolean],
  [1000, arrayOf(asBoolean)],
  [20, asBigint],
  [1016, arrayOf(asBigint)],
  [21, asNumber],
  [1005, arrayOf(asNumber)],
  [23, asNumber],
  [1007, arrayOf(asNumber)],
  [26, asNumber],
  [700, asNumber],
  [701, asNumber],
  [1021, arrayOf(asNumber)],
  [1022, arrayOf(asNumber)],
  [114, asJson],
  [199, arrayOf(asJson)],
  [3802, asJson],
  [3807, arrayOf(asJson)],
  [1184, asInstant],
  [1185, arrayOf(asInstant)],
  [1009, arrayOf(asText)],
  [1015, arrayOf(asText)],
  [1231, arrayOf(asText)],
  [2951, arrayOf(asText)],
]);

/** The decoder of a column's text, the same for every adapter of Postgres. */
export function decoderOf(oid: number): Decoder {
  return decoders.get(oid) ?? asText;
}

/**
 * A parameter as Postgres's text format.
 *
 * Values become text here and not in the driver, so that both adapters agree and a value that cannot be sent fails
 * before anything is on the wire.
 * @throws TypeError for a value that is none of bigint, number, string, boolean, Date, null or an array of these
 */
export function encodeValue(value: unknown): string | null {
  if (value === null || value === undefined) return null;
  if (Array.isArray(value)) return `{${value.map(encodeElement).join(",")}}`;
  if (value instanceof Date) return value.toISOString();
  if (typeof value === "string") return value;
  if (typeof value === "bigint" || typeof value === "number" || typeof value === "boolean") {
    return String(value);
  }
  throw new TypeError(
    "a statement's value must be a bigint, number, text, boolean, Date, null or an array of these",
  );
}

function encodeElement(element: unknown): string {
  const text = encodeValue(element);
  if (text === null) return "NULL";
  if (Array.isArray(element)) return text;
  return `"${text.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;
}
