import { createSigner } from "fast-jwt";
import { type Static, Type } from "typebox";

/** The claims of the platform's tokens. */
export const claimsSchema = Type.Object({
  user_id: Type.String({ minLength: 1 }),
  /** The merchant, for merchant users; else empty. */
  tenant_id: Type.String(),
  username: Type.String(),
  user_type: Type.Enum(["admin", "merchant", "service"]),
  roles: Type.Array(Type.String()),
  permissions: Type.Array(Type.String()),
});

export type Claims = Static<typeof claimsSchema>;

/**
 * A token (JWT, HS256) that this service and its neighbours accept, from now on and for `ttlSeconds`.
 * @returns the compact form, for `Authorization: Bearer …`
 */
export function signToken(secret: string, claims: Claims, ttlSeconds: number): string {
  const sign = createSigner({ key: secret, algorithm: "HS256", expiresIn: ttlSeconds * 1000 });
  return sign(claims);
}

/** Whose token a development start shows. */
const newcomer: Claims = {
  user_id: "newcomer",
  tenant_id: "",
  username: "newcomer",
  user_type: "admin",
  roles: [],
  permissions: [],
};
const daySeconds = 86_400;

/** A token of an administrator, good for a day: for development alone. */
export function newcomerToken(secret: string): string {
  return signToken(secret, newcomer, daySeconds);
}
