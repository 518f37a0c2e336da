import test from "ava";
import { createVerifier } from "fast-jwt";
import { Type } from "typebox";
import { Value } from "typebox/value";

import { type Claims, claimsSchema, signToken } from "../../../src/platform/token.ts";

const schema = Type.Object({
  ...claimsSchema.properties,
  iat: Type.Integer(),
  exp: Type.Integer(),
});

const claims: Claims = {
  user_id: "u-1",
  tenant_id: "m-1",
  username: "ann",
  user_type: "merchant",
  roles: [],
  permissions: ["quota:read"],
};

test("a token carries the platform's claims and ends when it is said to", (t) => {
  const token = signToken("a secret of the test", claims, 60);

  const verify = createVerifier({ key: "a secret of the test", algorithms: ["HS256"] });
  const read: unknown = verify(token);

  t.true(Value.Check(schema, read) && read.user_id === "u-1" && read.exp - read.iat === 60);
  t.throws(() => {
    createVerifier({ key: "another secret" })(token);
  });
});
