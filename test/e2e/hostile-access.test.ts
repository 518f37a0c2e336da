import { createHmac, generateKeyPairSync, sign } from "node:crypto";

import test, { type ExecutionContext } from "ava";

import { type CallRight, callRights, type Right } from "../support/call-right.ts";
import { type Answer, Client, currency } from "../support/load-clients.ts";
import { publishedCalls } from "../support/openapi-document.ts";
import { startService, testSecret, tokenOf } from "../support/service-process.ts";
import { ownStore } from "../support/stores.ts";

const own = "own-merchant";
const foreign = "foreign-merchant";

/** What a token says of its user, the rights that come of it, and whether it is held to one merchant. */
const users: Readonly<
  Record<string, readonly [claims: object, rights: readonly Right[], scoped?: true]>
> = {
  "an admin": [{ user_type: "admin" }, ["reader", "caller", "admin"]],
  "a service": [{ user_type: "service" }, ["reader", "caller"]],
  "the merchant": [{ user_type: "merchant", tenant_id: own }, ["reader"], true],
  "a merchant that may write": [
    { user_type: "merchant", tenant_id: own, permissions: ["quota:write"] },
    ["reader", "caller"],
    true,
  ],
  "a merchant of no tenant": [{ user_type: "merchant", tenant_id: "" }, []],
  "a merchant whose tenant is a list": [{ user_type: "merchant", tenant_id: [own, foreign] }, []],
  "a merchant of a like name": [{ user_type: "merchant", tenant_id: "own" }, ["reader"], true],
  "quota:read": [{ user_type: "viewer", permissions: ["quota:read"] }, ["reader"]],
  "quota:write": [{ user_type: "viewer", permissions: ["quota:write"] }, ["caller"]],
  "quota:admin": [{ user_type: "", permissions: ["quota:admin"] }, ["reader", "caller", "admin"]],
  "a role named admin": [{ user_type: "viewer", roles: ["admin"] }, []],
  "names of a prototype": [
    { user_type: "constructor", permissions: ["__proto__", "toString", ["quota:admin"]] },
    [],
  ],
};

test.serial(
  "each call is open to those whom the contract names, for their own merchant, and to nobody else",
  async (t) => {
    const service = await startService(t, { ...(await ownStore(t)) });
    const { url } = service;
    const published = (await publishedCalls(url)).map(({ name }) => name);
    t.deepEqual(Object.keys(callRights).toSorted(), published.toSorted());
    const admin = new Client(url, tokenOf({ user_type: "admin" }), 4);
    for (const merchant_id of [own, foreign]) {
      const body = { merchant_id, currency, order_no: "A", amount: 5 };
      t.is((await admin.quota("consume", body)).status, 200);
    }

    for (const [who, [claims, rights, scoped]] of Object.entries(users)) {
      const client = new Client(url, signed(hs256, { ...lasting, ...claims }), 4);
      const isHeldTo = "tenant_id" in claims ? claims.tenant_id : null;
      await Promise.all(
        [own, foreign].flatMap((merchantId) =>
          Object.entries(callRights).map(async ([name, row]) => {
            const may = row.right === "anyone" || rights.includes(row.right);
            const reaches = scoped !== true || row.isOfAll === true || isHeldTo === merchantId;
            const { status, code } = await answered(client, row, merchantId);
            const isForbidden = code === "FORBIDDEN";
            t.is(
              isForbidden,
              !(may && reaches),
              `${who}, ${name} of ${merchantId}: ${String(status)}`,
            );
            if (isForbidden) t.is(status, 403);
            t.not(status, 401, `${who}, ${name}`);
          }),
        ),
      );
      client.close();
    }
    await merchantsSeeTheirOwn(t, url);
    await nobody(t, url, admin);

    t.deepEqual(
      service.log().filter(({ level }) => Number(level) >= 50),
      [],
    );
    const words = service.output().replace(/^export TOKEN=.*$/m, "");
    t.notRegex(words, /eyJ[\w-]{10,}\./, "a token is in the log");
    admin.close();
  },
);

/** Where the answer is not refused, it holds nothing of another merchant. */
async function merchantsSeeTheirOwn(t: ExecutionContext, url: string): Promise<void> {
  const merchant = new Client(url, tokenOf({ user_type: "merchant", tenant_id: own }));
  for (const path of ["/api/v1/usage-logs/order/A", "/api/v1/usage-logs/stats"]) {
    const { status, body } = await merchant.get(path);
    t.is(status, 200);
    t.true(JSON.stringify(body).includes('"consume"'), "its own are there");
    t.false(JSON.stringify(body).includes(foreign), path);
  }
  merchant.close();
}

/** Tokens that are worth nothing: each call that needs one answers 401, and no more. */
async function nobody(t: ExecutionContext, url: string, admin: Client): Promise<void> {
  const before = await pictureOf(admin);
  for (const [what, token] of Object.entries(worthless())) {
    const client = new Client(url, token, 4);
    await Promise.all(
      Object.entries(callRights).map(async ([name, row]) => {
        if (row.right === "anyone") return;
        const { status, code } = await answered(client, row, own);
        const isTooLong = what === "a token of 20,000 characters";
        t.is(status, isTooLong ? 431 : 401, `${what}, ${name}`);
        t.is(code, isTooLong ? "INVALID_REQUEST" : "UNAUTHENTICATED", `${what}, ${name}`);
      }),
    );
    client.close();
  }
  t.deepEqual(await pictureOf(admin), before);
}

function worthless(): Readonly<Record<string, string>> {
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2_048 });
  const text = `${part({ alg: "RS256" })}.${part(lasting)}`;
  const nowSeconds = Math.floor(Date.now() / 1_000);
  return {
    none: "",
    "an expired token": signed(hs256, { ...lasting, exp: nowSeconds - 1 }),
    "a token of tomorrow": signed(hs256, { ...lasting, nbf: nowSeconds + 86_400 }),
    "no exp": signed(hs256, { user_id: "e2e", user_type: "admin" }),
    "an endless exp": signed(hs256, '{"user_id":"e2e","user_type":"admin","exp":1e400}'),
    "alg none": `${part({ alg: "none" })}.${part(lasting)}.`,
    "alg None with the right signature": signed({ alg: "None" }, lasting),
    "another secret": signed(hs256, lasting, "another-secret-of-more-than-32-characters"),
    "an empty secret": signed(hs256, lasting, ""),
    "RS256, signed": `${text}.${sign("sha256", Buffer.from(text), privateKey).toString("base64url")}`,
    "RS256 in the head, HMAC of the secret": signed({ alg: "RS256" }, lasting),
    "HS512 in the head": signed({ alg: "HS512" }, lasting),
    "a kid that leads to an empty file": signed({ ...hs256, kid: "/dev/null" }, lasting, ""),
    "a key of its own": signed({ ...hs256, jwk: { kty: "oct", k: "AAAA" } }, lasting, "\0\0\0"),
    "a crit that nobody knows": signed({ ...hs256, crit: ["x"], x: 1 }, lasting),
    "claims that are no object": signed(hs256, "null"),
    "no user": signed(hs256, { ...lasting, user_id: "" }),
    "a user with a line feed": signed(hs256, { ...lasting, user_id: 'a\n{"level":50}' }),
    "a token of 5,000 characters": signed(hs256, { ...lasting, more: "x".repeat(4_000) }),
    "a token of 20,000 characters": signed(hs256, { ...lasting, more: "x".repeat(15_000) }),
    "two tokens": `${tokenOf()}, Bearer ${tokenOf()}`,
    "a part too many": `${tokenOf()}.AAAA`,
    "other claims under a signature": tokenOf().replace(/\.[\w-]+\./, `.${part(lasting)}.`),
  };
}

const hs256 = { alg: "HS256", typ: "JWT" };
const lasting = { user_id: "e2e", user_type: "admin", exp: 4_102_444_800 };

function signed(header: object, claims: object | string, secret = testSecret): string {
  const text = `${part(header)}.${part(claims)}`;
  return `${text}.${createHmac("sha256", secret).update(text).digest("base64url")}`;
}

function part(of: object | string): string {
  return Buffer.from(typeof of === "string" ? of : JSON.stringify(of)).toString("base64url");
}

type Answered = Readonly<Record<"status" | "code", unknown>>;

async function answered(client: Client, row: CallRight, merchantId: string): Promise<Answered> {
  const path = row.path(merchantId);
  const answer = await (row.body ? client.post(path, row.body(merchantId)) : client.get(path));
  const { status, body } = answer;
  const isOfBatch = path.endsWith("/batch") && status === 200;
  return isOfBatch ? onlyOf(answer) : { status, code: body["code"] };
}

/** Of a batch's one operation, once the call itself was let through. */
function onlyOf({ body }: Answer): Answered {
  const { results } = body as { readonly results: readonly [Answered] };
  return results[0];
}

async function pictureOf(admin: Client): Promise<readonly unknown[]> {
  const lists = ["quotas/merchant", "usage-logs/merchant"];
  const answers = await Promise.all(lists.map((path) => admin.get(`/api/v1/${path}/${own}`)));
  return answers.map(({ body }) => JSON.stringify(body).replaceAll(/"forecast":\{[^}]*\}/g, ""));
}
