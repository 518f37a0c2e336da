import { SerializerSelector } from "@fastify/fast-json-stringify-compiler";

type Factory = ReturnType<typeof SerializerSelector>;
type Printer = ReturnType<ReturnType<Factory>>;

const make = SerializerSelector()();
const made = new WeakMap<object, Printer>();

/**
 * Makes what prints replies, as fastify would, but once for each schema: every call has a dozen problems, and all of
 * them are of one schema. Invariant: no schema refers to others by name, and fastify's own options are in force.
 */
export const printerFactory: Factory = () => (route) => {
  const { schema } = route;
  if (typeof schema !== "object" || schema === null) return make(route);
  const printer = made.get(schema) ?? make(route);
  made.set(schema, printer);
  return printer;
};
