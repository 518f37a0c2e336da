import test, { type ExecutionContext } from "ava";
import fc from "fast-check";
import { createHistogram, type RecordableHistogram } from "node:perf_hooks";

import {
  type ApiRequest,
  hostileCurrencies,
  hostileMerchants,
  invalidRequest,
  nearlyValidRequest,
  validRequest,
} from "../support/openapi-arbitrary.ts";
import { type ApiCall, publishedCalls } from "../support/openapi-document.ts";
import { type Body, Client } from "../support/load-clients.ts";
import { type ServiceProcess, startService, tokenOf } from "../support/service-process.ts";
import { ownStore } from "../support/stores.ts";

/*
 * Requests that are made from the published document. A failing one prints its seed and path; HOSTILE_SEED repeats it,
 * HOSTILE_RUNS=20000 tries more.
 */
const numRuns = Number(process.env["HOSTILE_RUNS"] ?? 200);
const given = process.env["HOSTILE_SEED"];
const runs = { numRuns, ...(given === undefined ? {} : { seed: Number(given) }) };

interface Sent {
  readonly status: number;
  readonly mediaType: string;
  readonly body: unknown;
}

interface Scene {
  readonly t: ExecutionContext;
  readonly service: ServiceProcess;
  readonly calls: readonly ApiCall[];
  readonly client: Client;
  readonly tookNs: RecordableHistogram;
}

const token = tokenOf({ user_type: "admin" });

test.serial(
  "requests made from the document are answered as it says; no refusal changes anything",
  async (t) => {
    const service = await startService(t, { ...(await ownStore(t)) });
    const calls = await publishedCalls(service.url);
    const client = new Client(service.url, token);
    const scene = { t, service, calls, client, tookNs: createHistogram() };

    await allowed(scene);
    await oneRuleBroken(scene);
    await anyJson(scene);

    const ms = (percentile: number): string =>
      (scene.tookNs.percentile(percentile) / 1e6).toFixed(1);
    t.log(`${scene.tookNs.count} requests: p50 ${ms(50)} ms, p99 ${ms(99)} ms`);
    const lines = service.log();
    const failures = lines.filter(
      ({ level, msg }) => Number(level) >= 40 && msg !== "slow request",
    );
    t.deepEqual(failures, []);
    t.is(lines.filter(({ msg }) => msg === "serving").length, 1, "it never lost its shards");
    client.close();
  },
);

async function allowed(scene: Scene): Promise<void> {
  const { t, calls, client } = scene;
  await fc.assert(
    fc.asyncProperty(validRequest(calls), async (request) => {
      const key = keyOf(request);
      const before = key && (await standingOf(client, key));
      const answer = await send(scene, request);
      if (answer.status === 400) {
        // The document cannot say which cursors, versions, ranges, nodes and shards there are.
        const named = fieldsOf(answer).filter(
          (field) => !/^(cursor|min_version|from|to|node|shard|pins_max)$/.test(field),
        );
        if (named.length > 0) throw new Error(`refused for ${named.join()}`);
      }
      if (answer.status !== 200 && before) {
        t.deepEqual(await standingOf(client, before.key), before);
      }
    }),
    runs,
  );
  const picture = await pictureOf(client);
  t.true(
    picture.some(({ version }) => Number(version) > 0),
    "some were accepted",
  );
}

async function oneRuleBroken(scene: Scene): Promise<void> {
  const { t, calls, client } = scene;
  const before = await pictureOf(client);
  await fc.assert(
    fc.asyncProperty(nearlyValidRequest(calls), async (request) => {
      const answer = await send(scene, request);
      if (answer.status !== 400) throw new Error(`answered ${answer.status}`);
      const field = request.brokenField ?? "";
      const isNamed = fieldsOf(answer).some(
        (name) => name === field || name.startsWith(`${field}.`),
      );
      if (!isNamed) throw new Error(`${JSON.stringify(answer.body)} does not name ${field}`);
    }),
    runs,
  );
  t.deepEqual(await pictureOf(client), before);
}

async function anyJson(scene: Scene): Promise<void> {
  const { t, calls, client } = scene;
  const before = await pictureOf(client);
  await fc.assert(
    fc.asyncProperty(invalidRequest(calls), async (request) => {
      const answer = await send(scene, request);
      if (answer.status !== 400) throw new Error(`answered ${answer.status}`);
      if (fieldsOf(answer).length === 0) throw new Error("no field is named");
    }),
    runs,
  );
  t.deepEqual(await pictureOf(client), before);
}

/** Sends it. @throws Error when the answer is not as documented, or a failure of the service */
async function send({ service, tookNs }: Scene, { call, path, body }: ApiRequest): Promise<Sent> {
  const sentMs = performance.now();
  const answer = await fetch(`${service.url}${path}`, {
    method: call.method,
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    ...(call.method === "POST" ? { body: JSON.stringify(body) } : {}),
  });
  const mediaType = (answer.headers.get("content-type") ?? "").replace(/;.*$/, "");
  // A stream of events would go on.
  const text = mediaType.endsWith("json") ? await answer.text() : "null";
  await answer.body?.cancel().catch(() => undefined);
  tookNs.record(Math.max(1, Math.round((performance.now() - sentMs) * 1e6)));
  const sent = { status: answer.status, mediaType, body: JSON.parse(text) as unknown };
  if (sent.status >= 500) throw new Error(`${call.name}: ${text}`);
  const wrong = call.wrongWith(sent);
  if (wrong !== null) throw new Error(`${call.name} ${sent.status}: ${wrong}`);
  return sent;
}

function fieldsOf({ body }: Sent): readonly string[] {
  const { errors = [] } = body as { readonly errors?: readonly { readonly field: string }[] };
  return errors.map(({ field }) => field);
}

interface AskedKey {
  readonly merchantId: string;
  readonly currency: string;
}

/** null = the request is of no one key. */
function keyOf({ body }: ApiRequest): AskedKey | null {
  const { merchant_id: merchantId, currency } = (body ?? {}) as Body;
  return typeof merchantId === "string" && typeof currency === "string"
    ? { merchantId, currency }
    : null;
}

async function standingOf(
  client: Client,
  key: AskedKey,
): Promise<Body & { readonly key: AskedKey }> {
  const { body } = await client.get(
    `/api/v1/quotas/merchant/${key.merchantId}/currency/${key.currency}`,
  );
  return { ...body, forecast: null, key };
}

/** All that the fuzzed merchants have: what stands, and what is in their logs. Lists of alerts are late by a blink. */
async function pictureOf(client: Client): Promise<readonly Body[]> {
  const picture: Body[] = [];
  for (const merchantId of hostileMerchants) {
    for (const currency of hostileCurrencies) {
      picture.push(await standingOf(client, { merchantId, currency }));
    }
    picture.push((await client.get(`/api/v1/usage-logs/merchant/${merchantId}?limit=200`)).body);
  }
  return picture;
}
