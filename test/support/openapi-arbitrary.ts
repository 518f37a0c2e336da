import fc from "fast-check";

import type { ApiCall, Schema } from "./openapi-document.ts";
import { valueOf, wrongTextOf, wrongValueOf } from "./openapi-value.ts";

/** A request as it is sent. */
export interface ApiRequest {
  readonly call: ApiCall;
  readonly path: string;
  /** The JSON of the body; null = none is sent. */
  readonly body: unknown;
  /** The field that breaks a rule of the document; null = none does. */
  readonly brokenField: string | null;
  /** As a failure shows it. */
  readonly toString: () => string;
}

/** What a request is made of, by name. */
type Fields = Readonly<Record<string, unknown>>;

export const hostileMerchants = ["hostile-1", "hostile-2"] as const;
export const hostileCurrencies = ["USD", "JPY"] as const;

/** Few, so that requests meet what others have left; the document cannot say which of them there are. */
const pools: Readonly<Record<string, fc.Arbitrary<unknown>>> = {
  merchant_id: fc.constantFrom(...hostileMerchants),
  currency: fc.constantFrom(...hostileCurrencies),
  order_no: fc.constantFrom(
    "O-1",
    "O-2",
    "O-3",
    "O-4",
    "'; drop table quota_orders; --".replaceAll(" ", "/"),
  ),
  // A hold that expired meanwhile would look like a change.
  ttl_seconds: fc.integer({ min: 3_600, max: 604_800 }),
  refund_no: fc.constantFrom("R-1", "R-2"),
  amount: fc.oneof(
    fc.integer({ min: 1, max: 5_000 }),
    fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
  ),
  metadata: fc.dictionary(
    fc.stringMatching(/^[a-z]{1,10}$/),
    fc.oneof(
      fc
        .string({ maxLength: 20 })
        .filter((text) => !text.includes("\u0000") && text.isWellFormed()),
      fc.integer(),
      fc.boolean(),
    ),
    { maxKeys: 4, noNullPrototype: true },
  ),
};

/** What the document allows. */
export function validRequest(calls: readonly ApiCall[]): fc.Arbitrary<ApiRequest> {
  return fc.constantFrom(...calls).chain((call) => requestOf(call, fieldsOf(call, calls), null));
}

/** What the document allows but for one field. */
export function nearlyValidRequest(calls: readonly ApiCall[]): fc.Arbitrary<ApiRequest> {
  const breakable = calls.filter(({ parameters, body }) => parameters.length > 0 || body !== null);
  return fc.constantFrom(...breakable).chain((call) => {
    const names = Object.keys(schemasOf(call));
    const inPath = new Set(inPathOf(call));
    return fc.oneof(
      fc.constantFrom(...names).chain((name) =>
        requestOf(
          call,
          fc
            .tuple(fieldsOf(call, calls), wrongValue(call, name))
            .map(([fields, wrong]) => ({ ...fields, [name]: wrong })),
          name,
        ),
      ),
      fc
        .constantFrom(
          ...["__proto_", "constructor", "toString", "amount ", "Merchant_id", "$where"],
        )
        .chain((name) =>
          requestOf(
            call,
            fieldsOf(call, calls).map((fields) => ({ ...fields, [name]: 1 })),
            name,
          ),
        ),
      ...requiredOf(call)
        .filter((name) => !inPath.has(name))
        .map((name) =>
          requestOf(
            call,
            fieldsOf(call, calls).map((fields) => without(fields, name)),
            name,
          ),
        ),
    );
  });
}

/** Any JSON at all in place of a body. */
export function invalidRequest(calls: readonly ApiCall[]): fc.Arbitrary<ApiRequest> {
  const withBody = calls.filter(({ body }) => body !== null && (body.required?.length ?? 0) > 0);
  return fc
    .constantFrom(...withBody)
    .chain((call) =>
      fc
        .tuple(requestOf(call, fieldsOf(call, calls), null), fc.jsonValue())
        .map(([{ path }, body]) => requestWith(call, path, body, null)),
    );
}

function requestOf(
  call: ApiCall,
  fields: fc.Arbitrary<Fields>,
  brokenField: string | null,
): fc.Arbitrary<ApiRequest> {
  return fields.map((given) => {
    let path = call.path;
    const query = new URLSearchParams();
    const rest: Record<string, unknown> = { ...given };
    for (const { in: place, name } of call.parameters) {
      if (!Object.hasOwn(rest, name)) continue;
      const text = String(rest[name]);
      if (place === "path") path = path.replace(`{${name}}`, encodeURIComponent(text));
      else query.set(name, text);
      Reflect.deleteProperty(rest, name);
    }
    if (call.body === null) {
      for (const [name, value] of Object.entries(rest)) query.set(name, String(value));
    }
    const search = query.size === 0 ? "" : `?${query.toString()}`;
    return requestWith(call, path + search, call.body === null ? null : rest, brokenField);
  });
}

function requestWith(
  call: ApiCall,
  path: string,
  body: unknown,
  brokenField: string | null,
): ApiRequest {
  const toString = (): string => `${call.method} ${path} ${JSON.stringify(body)}, ${brokenField}`;
  return { call, path, body, brokenField, toString };
}

function schemasOf({ parameters, body }: ApiCall): Readonly<Record<string, Schema>> {
  return {
    ...Object.fromEntries(parameters.map(({ name, schema }) => [name, schema])),
    ...body?.properties,
  };
}

function inPathOf({ parameters }: ApiCall): readonly string[] {
  return parameters.filter((each) => each.in === "path").map(({ name }) => name);
}

function requiredOf({ parameters, body }: ApiCall): readonly string[] {
  const named = parameters.filter(({ required }) => required === true).map(({ name }) => name);
  return [...named, ...(body?.required ?? [])];
}

/** Values of all that must be there, and of some that may. */
function fieldsOf(call: ApiCall, calls: readonly ApiCall[]): fc.Arbitrary<Fields> {
  const values = Object.fromEntries(
    Object.entries(schemasOf(call)).map(([name, schema]) => [
      name,
      name === "operations" ? operations(calls) : (pools[name] ?? valueOf(schema)),
    ]),
  );
  const dependents = call.body?.dependentRequired ?? {};
  const mustDiffer = call.body?.not?.properties;
  return fc.record(values, { requiredKeys: [...requiredOf(call)] }).map((given) => {
    const fields: Record<string, unknown> = { ...given };
    for (const [name, needed] of Object.entries(dependents)) {
      if (needed.some((each) => !Object.hasOwn(fields, each))) Reflect.deleteProperty(fields, name);
    }
    // Of the fields that must not all be 0 or absent, one is neither.
    const [first] = Object.keys(mustDiffer ?? {});
    return first === undefined ? fields : { ...fields, [first]: 7 };
  });
}

/** Operations of a batch: bodies of the calls that have them. */
function operations(calls: readonly ApiCall[]): fc.Arbitrary<unknown> {
  const single = calls.filter(
    ({ path, body }) =>
      /quotas\/(check|consume|release|reserve|confirm|cancel|settle)$/.test(path) && body !== null,
  );
  const one = fc
    .constantFrom(...single)
    .chain((call) =>
      fieldsOf(call, calls).map((body) => ({ ...body, op: call.path.split("/").at(-1) })),
    );
  return fc.array(fc.oneof(one, fc.dictionary(fc.string(), fc.jsonValue())), {
    minLength: 1,
    maxLength: 5,
  });
}

function without(fields: Fields, name: string): Fields {
  return Object.fromEntries(Object.entries(fields).filter(([each]) => each !== name));
}

function wrongValue({ parameters, body }: ApiCall, name: string): fc.Arbitrary<unknown> {
  const parameter = parameters.find((each) => each.name === name);
  return parameter ? wrongTextOf(parameter.schema) : wrongValueOf(body?.properties?.[name] ?? {});
}
