import test from "ava";
import { Type } from "typebox";

import { printerFactory } from "../../../src/edge/printer.ts";

const route = { method: "GET", url: "/", httpStatus: "200" };

test("a schema has one printer, whoever asks, and another schema has another", (t) => {
  const schema = Type.Object({ a: Type.Integer() });
  const alike = Type.Object({ a: Type.Integer() });

  const printer = printerFactory()({ ...route, schema });

  t.is(printerFactory()({ ...route, httpStatus: "503", schema }), printer);
  t.not(printerFactory()({ ...route, schema: alike }), printer);
});

test("it prints what the schema has, as fastify does", (t) => {
  const schema = Type.Object({ a: Type.Integer(), at: Type.Optional(Type.String()) });

  const print = printerFactory()({ ...route, schema });

  t.is(print({ a: 2n ** 60n, more: 1 }), '{"a":1152921504606846976}');
});
