import test, { type ExecutionContext } from "ava";

import { type Body, Client } from "../support/load-clients.ts";
import { type ServiceProcess, startService, tokenOf } from "../support/service-process.ts";
import { ownStore } from "../support/stores.ts";
import { quotaOf } from "../support/audit.ts";
import { post, rawRequest } from "./raw-http.ts";

const consume = "/api/v1/quotas/consume";
const order = { merchant_id: "m", currency: "USD", order_no: "SMUGGLED", amount: 1 };
const body = JSON.stringify(order);
const size = Buffer.byteLength(body);
const chunked = `${size.toString(16)}\r\n${body}\r\n0\r\n\r\n`;
const admin = tokenOf({ user_type: "admin" });

/** A consume, with these headers in place of its length. */
function framed(headers: string, content: string): string {
  return `POST ${consume} HTTP/1.1\r\nhost: x\r\nconnection: close\r\nauthorization: Bearer ${tokenOf()}\r\ncontent-type: application/json\r\n${headers}\r\n\r\n${content}`;
}

/** What two servers in a row could read differently: none of it may reach a turn. */
const smuggled: Readonly<Record<string, string>> = {
  "two lengths": framed(`content-length: ${size}\r\ncontent-length: 5`, body),
  "the same length twice": framed(`content-length: ${size}\r\ncontent-length: ${size}`, body),
  "a list of lengths": framed(`content-length: ${size}, ${size}`, body),
  "a length with a sign": framed(`content-length: +${size}`, body),
  "a negative length": framed("content-length: -1", body),
  "a length in hexadecimal": framed(`content-length: 0x${size.toString(16)}`, body),
  "a length and chunks": framed(`content-length: ${size}\r\ntransfer-encoding: chunked`, chunked),
  "chunks and a length": framed(`transfer-encoding: chunked\r\ncontent-length: ${size}`, chunked),
  "chunks that are not the last coding": framed("transfer-encoding: chunked, identity", chunked),
  "a coding that is not chunked": framed("transfer-encoding: xchunked", body),
  "a space before the colon": framed("transfer-encoding : chunked", chunked),
  "a folded header": framed(`x-a: 1\r\n folded\r\ncontent-length: ${size}`, body),
  "a folded header that begins empty": framed(`x-a:\r\n\tfolded\r\ncontent-length: ${size}`, body),
  "bare line feeds": framed(`content-length: ${size}`, body).replaceAll("\r\n", "\n"),
  "a bare line feed in a header": framed(`x-a: 1\ny: 2\r\ncontent-length: ${size}`, body),
  "a bare carriage return in a header": framed(`x-a: 1\ry: 2\r\ncontent-length: ${size}`, body),
  "NUL in a header": framed(`x-a: 1\0\r\ncontent-length: ${size}`, body),
  "a chunk whose extension is endless": framed(
    "transfer-encoding: chunked",
    `${size.toString(16)};a=${"x".repeat(20_000)}\r\n${body}\r\n0\r\n\r\n`,
  ),
  "no host": framed(`content-length: ${size}`, body).replace("host: x\r\n", ""),
  "HTTP 1.2": framed(`content-length: ${size}`, body).replace("HTTP/1.1", "HTTP/1.2"),
  "HTTP 2 without asking": "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
  "a method that there is not": framed(`content-length: ${size}`, body).replace("POST", "TAKE"),
  "an expectation that nobody knows": framed(`expect: x\r\ncontent-length: ${size}`, body),
};

/** Paths, and what they answer; none leads out of its folder or to another call. */
const paths: Readonly<Record<string, readonly [line: string, status: number, field?: string]>> = {
  "up from the pages": ["GET /swagger/../metrics", 404],
  "up from the pages, encoded": ["GET /swagger/static/%2e%2e/%2e%2e/package.json", 400, "path"],
  "up from the pages, in part encoded": ["GET /swagger/static/..%2f..%2fpackage.json", 404],
  "up from the pages, by backslashes": ["GET /swagger/static/..\\..\\package.json", 400, "path"],
  "up from the console": ["GET /console/..%2f..%2fpackage.json", 404],
  "an absolute file": ["GET /swagger/static//etc/passwd", 400, "path"],
  "NUL in a file": ["GET /swagger/static/%00", 400, "path"],
  "two slashes": ["GET //api/v1/quotas/merchant/m", 404],
  "an encoded slash": ["GET /api/v1/quotas/merchant/m%2Fcurrency%2FUSD", 400, "merchant_id"],
  "NUL in a merchant": ["GET /api/v1/quotas/merchant/m%00", 400, "merchant_id"],
  "an overlong slash": ["GET /api/v1/quotas/merchant/%c0%af", 400, "path"],
  "a broken escape": ["GET /api/v1/quotas/merchant/%zz", 400, "path"],
  "a merchant of 15,000 characters": [
    `GET /api/v1/quotas/merchant/${"a".repeat(15_000)}`,
    400,
    "path",
  ],
  "a path of 17,000 characters": [`GET /${"a".repeat(17_000)}`, 431],
  "a query on a call that has none": ["GET /api/v1/quotas/merchant/m/currency/USD?a=1", 400, "a"],
  "a prototype in the query": [
    "GET /api/v1/usage-logs/merchant/m?__proto__[limit]=1",
    400,
    "__proto__[limit]",
  ],
  "a field twice in the query": ["GET /api/v1/usage-logs/merchant/m?limit=1&limit=2", 400, "limit"],
  "3,000 fields in the query": [
    `GET /api/v1/usage-logs/merchant/m?${"a&".repeat(3_000)}`,
    400,
    "a",
  ],
  "GET of a command": ["GET /api/v1/quotas/consume", 404],
  "PUT of a command": ["PUT /api/v1/quotas/consume", 404],
  "DELETE of a merchant": ["DELETE /api/v1/quotas/merchant/m", 404],
  "HEAD of a list": ["HEAD /api/v1/quotas/merchant/m", 404],
  TRACE: ["TRACE /health", 404],
  "OPTIONS of all": ["OPTIONS *", 404],
};

test.serial(
  "bytes that two servers could read differently, and paths that lead elsewhere, change nothing",
  async (t) => {
    const service = await startService(t, { ...(await ownStore(t)) });
    const client = new Client(service.url, admin);
    t.is((await client.quota("consume", { ...order, order_no: "FIRST" })).status, 200);
    const before = await pictureOf(t, client);

    for (const [what, bytes] of Object.entries(smuggled)) {
      const { status, text } = await rawRequest(service.port, bytes);
      t.is(status, what === "an expectation that nobody knows" ? 417 : 400, `${what}: ${text}`);
      t.is(text.split("HTTP/1.1 ").length, 2, `${what}: one answer, ${text}`);
    }
    for (const [what, [line, status, field]] of Object.entries(paths)) {
      const answer = await rawRequest(
        service.port,
        `${line} HTTP/1.1\r\nhost: x\r\nconnection: close\r\nx-http-method-override: POST\r\nauthorization: Bearer ${admin}\r\n\r\n`,
      );
      t.is(answer.status, status, `${what}: ${answer.text}`);
      if (field !== undefined) t.true(answer.text.includes(`"field":"${field}"`), answer.text);
    }
    await unconnected(t, service);
    t.deepEqual(await pictureOf(t, client), before);

    await oneToken(t, service);
    t.is((await client.get("/health/ready")).status, 200);
    t.deepEqual(
      service.log().filter(({ level }) => Number(level) >= 40),
      [],
    );
    client.close();
  },
);

/** No tunnel, and no other protocol on the same connection: what comes behind is not read as a request. */
async function unconnected(t: ExecutionContext, { port }: ServiceProcess): Promise<void> {
  const behind = framed(`content-length: ${size}`, body);
  const tunnel = await rawRequest(port, `CONNECT x:1 HTTP/1.1\r\nhost: x\r\n\r\n${behind}`);
  t.is(tunnel.status, null);
  const early = `${size.toString(16)}\r\n${body}\r\n`;
  const cut = await rawRequest(port, framed("transfer-encoding: chunked", `${early}ZZ\r\n`));
  t.is(cut.status, 400);
}

/** The first `authorization` is the one that counts, as a proxy that adds its own behind must know. */
async function oneToken(t: ExecutionContext, { port }: ServiceProcess): Promise<void> {
  const both = (first: string, second: string) =>
    rawRequest(
      port,
      post("/api/v1/quotas/suspend", first, "{}", [`authorization: Bearer ${second}`]),
    );
  t.is((await both(tokenOf(), admin)).status, 403);
  t.is((await both("x.y.z", admin)).status, 401);
  t.is((await both(admin, "x.y.z")).status, 400);
}

async function pictureOf(t: ExecutionContext, client: Client): Promise<readonly Body[]> {
  const log = await client.get("/api/v1/usage-logs/merchant/m");
  return [{ ...(await quotaOf(t, client, "m")), forecast: null }, log.body];
}
