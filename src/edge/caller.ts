import { createVerifier } from "fast-jwt";
import { LRUCache } from "lru-cache";

import type { Operator } from "../domain/command.ts";
import type { Clock } from "../platform/clock.ts";
import { isRecord } from "../wire/record.ts";

/** reader: looks · caller: check, consume and their kin · admin: corrects and suspends. */
export type Right = "reader" | "caller" | "admin";

/** Who a token says is asking. */
export interface Caller {
  readonly operator: Operator;
  readonly rights: ReadonlySet<Right>;
  /** The only merchant that the caller may see or touch; null = every merchant. */
  readonly onlyMerchant: string | null;
}

/** Who asks, by the `Authorization` of a request. */
export interface Tokens {
  /** @returns why not, in words for the caller, in place of a Caller; null = no token was given */
  identify(authorization: string | undefined): Caller | string | null;
  /** Whether it was verified lately: `identify` will find it without work. */
  knows(authorization: string | undefined): boolean;
  /** Of a token that `identify` took: one that expires while the body is on its way was good in time. */
  callerOf(authorization: string | undefined): Caller;
}

/** Verified tokens that are remembered; then the longest unused is verified again. */
const tokensMax = 5_000;
/** Longer ones are refused: with the head's own bound this bounds what is remembered. */
const tokenCharactersMax = 4_096;
const userIdForm = /^[^\p{Cc}\p{Cs}]{1,128}$/u;

interface Known {
  readonly caller: Caller;
  readonly expiresAtMs: number;
}

/**
 * Reads bearer tokens: JWT, HS256 and nothing else, `exp` required, `nbf` honoured.
 *
 * A token's signature is verified once; its time is looked at each time it comes.
 */
export function createTokens(options: {
  readonly jwtSecret: string;
  readonly clock: Clock;
}): Tokens {
  const { jwtSecret, clock } = options;
  const verify = createVerifier({
    key: jwtSecret,
    algorithms: ["HS256"],
    ignoreExpiration: true,
    ignoreNotBefore: true,
  });
  const known = new LRUCache<string, Known>({ max: tokensMax });

  const read = (authorization: string): Known | string => {
    const token = /^Bearer +([\w-]+\.[\w-]+\.[\w-]+)$/i.exec(authorization)?.[1];
    if (token === undefined || token.length > tokenCharactersMax) return "no bearer token";
    let claims: unknown;
    try {
      claims = verify(token);
    } catch {
      return "the token is not signed by this platform with HS256";
    }
    return knownOf(claims, clock.now());
  };

  return {
    identify(authorization) {
      if (authorization === undefined || authorization === "") return null;
      const remembered = known.get(authorization);
      const found = remembered ?? read(authorization);
      if (typeof found === "string") return found;
      if (clock.now() >= found.expiresAtMs) return "the token has expired";
      if (!remembered) known.set(authorization, found);
      return found.caller;
    },
    knows: (authorization = "") => known.has(authorization),
    callerOf(authorization = "") {
      const found = known.get(authorization) ?? read(authorization);
      if (typeof found === "string") throw new Error("a caller passed unchecked");
      return found.caller;
    },
  };
}

/** Whether the caller may see or touch a merchant at all. */
export function reaches(caller: Caller, merchantId: string): boolean {
  return caller.onlyMerchant === null || caller.onlyMerchant === merchantId;
}

function knownOf(claims: unknown, now: number): Known | string {
  if (!isRecord(claims)) return "the token has no claims";
  const { exp, nbf, user_id: userId, user_type: userType, tenant_id: tenant, permissions } = claims;
  if (typeof exp !== "number" || !Number.isFinite(exp)) return "the token has no exp";
  if (nbf !== undefined && !(typeof nbf === "number" && nbf * 1_000 <= now)) {
    return "the token is not valid yet";
  }
  if (typeof userId !== "string" || !userIdForm.test(userId)) return "the token has no user_id";
  const rights = rightsOf(userType, permissions);
  const isScoped = userType === "merchant" && !rights.has("admin");
  const tenantId = typeof tenant === "string" ? tenant : "";
  return {
    expiresAtMs: exp * 1_000,
    caller: {
      operator: { id: userId, type: userType === "admin" ? "admin" : "api" },
      rights: isScoped && tenantId === "" ? new Set() : rights,
      onlyMerchant: isScoped ? tenantId : null,
    },
  };
}

const rightsOfType: Readonly<Record<string, readonly Right[]>> = {
  admin: ["reader", "caller", "admin"],
  service: ["reader", "caller"],
  merchant: ["reader"],
};
const rightsOfPermission: Readonly<Record<string, readonly Right[]>> = {
  "quota:read": ["reader"],
  "quota:write": ["caller"],
  "quota:admin": ["reader", "caller", "admin"],
};

function rightsOf(userType: unknown, permissions: unknown): ReadonlySet<Right> {
  const rights = new Set<Right>(grantedBy(rightsOfType, userType));
  if (Array.isArray(permissions)) {
    for (const permission of permissions) {
      for (const right of grantedBy(rightsOfPermission, permission)) rights.add(right);
    }
  }
  return rights;
}

function grantedBy(
  table: Readonly<Record<string, readonly Right[]>>,
  name: unknown,
): readonly Right[] {
  return typeof name === "string" && Object.hasOwn(table, name) ? (table[name] ?? []) : [];
}
