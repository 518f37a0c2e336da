import type { TSchema } from "typebox";
import { Compile } from "typebox/compile";

import type { Currencies } from "../domain/currency.ts";
import { isRecord } from "./record.ts";

/** One wrong field of a request, by its path, and what is wrong with it. */
export interface FieldError {
  readonly field: string;
  readonly message: string;
}

export type Checked =
  | { readonly kind: "valid"; readonly value: unknown }
  | { readonly kind: "invalid"; readonly errors: readonly FieldError[] };

/** Wrong fields that are named; a body of 1 MiB could have many. */
const errorsMax = 50;

/**
 * Compiles checks of what comes in: by the schema, and by the currencies wherever the schema has a `currency`, so that
 * one answer names every wrong field.
 */
export function createChecker(
  currencies: Currencies,
): (schema: TSchema) => (value: unknown) => Checked {
  return (schema) => {
    const compiled = Compile(schema);
    const bounds = boundsOf(schema);
    const hasCurrency = "properties" in schema && hasOwn(schema.properties, "currency");
    return (value) => {
      const excess = bounds && excessOf(bounds, value);
      if (excess) return { kind: "invalid", errors: excess };
      const knownCurrency = !hasCurrency || !isUnknownCurrency(value, currencies);
      if (knownCurrency && compiled.Check(value)) return { kind: "valid", value };
      const errors = namedErrors(compiled.Errors(value));
      if (!knownCurrency && !errors.some(({ field }) => field === "currency")) {
        const message = "must be an ISO 4217 code or one of EXTRA_CURRENCIES";
        errors.push({ field: "currency", message });
      }
      return { kind: "invalid", errors: errors.slice(0, errorsMax) };
    };
  };
}

/** Integers and booleans of a query string or path, which come as text; what is neither stays text and is refused. */
export function fromText(schema: TSchema, value: unknown): unknown {
  if (!isRecord(value) || !("properties" in schema) || !isRecord(schema.properties)) return value;
  const read: Record<string, unknown> = { ...value };
  for (const [name, text] of Object.entries(value)) {
    const property = hasOwn(schema.properties, name) ? schema.properties[name] : undefined;
    if (typeof text !== "string" || !isRecord(property)) continue;
    const { type } = property;
    if (type === "integer" && /^-?[0-9]{1,15}$/.test(text)) read[name] = Number(text);
    if (type === "boolean" && (text === "true" || text === "false")) read[name] = text === "true";
  }
  return read;
}

/** What a schema says of how much there may be. */
interface Bounds {
  /** The fields that an object may have; null = any. */
  readonly known: ReadonlySet<string> | null;
  readonly properties: readonly {
    readonly field: string;
    readonly maxItems: number;
    readonly maxProperties: number;
  }[];
}

/** @returns undefined for what is not an object with named properties */
function boundsOf(schema: TSchema): Bounds | undefined {
  if (!("properties" in schema) || !isRecord(schema.properties)) return undefined;
  const { properties } = schema;
  const isClosed = "additionalProperties" in schema && schema.additionalProperties === false;
  return {
    known: isClosed ? new Set(Object.keys(properties)) : null,
    properties: Object.entries(properties).flatMap(([field, property]) => {
      if (!isRecord(property)) return [];
      const { maxItems = Infinity, maxProperties = Infinity } = property;
      if (typeof maxItems !== "number" || typeof maxProperties !== "number") return [];
      const isBounded = maxItems < Infinity || maxProperties < Infinity;
      return isBounded ? [{ field, maxItems, maxProperties }] : [];
    }),
  };
}

/**
 * What is far too many: fields of an object, values of one within it, items of a list. Said before the validator looks,
 * because it visits every one of them, and a body could hold up the event loop with tens of thousands.
 */
function excessOf(
  { known, properties }: Bounds,
  value: unknown,
): readonly FieldError[] | undefined {
  if (!isRecord(value)) return undefined;
  if (known) {
    const names = Object.getOwnPropertyNames(value);
    if (names.length > known.size + errorsMax) {
      const unknown = names.filter((name) => !known.has(name)).slice(0, errorsMax);
      return unknown.map((field) => ({ field, message: "is not a known field" }));
    }
  }
  for (const { field, maxItems, maxProperties } of properties) {
    const within = Object.hasOwn(value, field) ? value[field] : undefined;
    if (Array.isArray(within) && within.length > maxItems) {
      return [{ field, message: `must not have more than ${maxItems} items` }];
    }
    if (isRecord(within) && Object.getOwnPropertyNames(within).length > maxProperties + errorsMax) {
      return [{ field, message: `must not have more than ${maxProperties} properties` }];
    }
  }
  return undefined;
}

interface RawError {
  readonly keyword: string;
  readonly instancePath: string;
  readonly message: string;
  readonly params: object;
}

function namedErrors(raw: readonly RawError[]): FieldError[] {
  const byField = new Map<string, string>();
  for (const error of raw) {
    for (const [field, message] of fieldsOf(error)) {
      if (!byField.has(field)) byField.set(field, message);
    }
  }
  return [...byField].map(([field, message]) => ({ field, message }));
}

/** The validator names the object where a field lacks or is too many; the caller wants the field. */
function fieldsOf(error: RawError): [string, string][] {
  const { keyword, params } = error;
  const at = (name: string): string => fieldName(`${error.instancePath}/${name}`);
  if (keyword === "required" && "requiredProperties" in params) {
    return texts(params.requiredProperties).map((name) => [at(name), "is required"]);
  }
  if (keyword === "additionalProperties" && "additionalProperties" in params) {
    return texts(params.additionalProperties).map((name) => [at(name), "is not a known field"]);
  }
  if (keyword === "dependentRequired" && "dependencies" in params && "property" in params) {
    const message = `is required with ${String(params.property)}`;
    return texts(params.dependencies).map((name) => [at(name), message]);
  }
  if (keyword === "boolean") return [[fieldName(error.instancePath), "is not a known field"]];
  if (keyword === "not") {
    const message = "at least one of daily_adjust, monthly_adjust, yearly_adjust must not be 0";
    return [["daily_adjust", message]];
  }
  return [[fieldName(error.instancePath), error.message]];
}

function fieldName(instancePath: string): string {
  const path = instancePath.slice(1).replaceAll("/", ".");
  return path === "" ? "body" : path;
}

function isUnknownCurrency(value: unknown, currencies: Currencies): boolean {
  if (!isRecord(value)) return false;
  const { currency } = value;
  return typeof currency === "string" && !currencies.has(currency);
}

function texts(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.map(String) : [];
}

function hasOwn(value: unknown, name: string): boolean {
  return isRecord(value) && Object.hasOwn(value, name);
}
