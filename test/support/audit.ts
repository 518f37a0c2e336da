import type { ExecutionContext } from "ava";

import type { ServiceProcess } from "./service-process.ts";
import { type Body, Client, currency, type Deed, type Story } from "./load-clients.ts";
import { tokenOf } from "./service-process.ts";

const callersMax = 32;

/**
 * Holds what clients were told against what the service says now: every acknowledged deed is in the log exactly once
 * and is repeated as a duplicate, what nobody could say is there at most once, what did not happen is not there; the
 * log is a chain without a gap, never above the limit, and its sums are the quota's and the orders'.
 */
export async function audit(
  t: ExecutionContext,
  service: Pick<ServiceProcess, "url">,
  stories: readonly Story[],
  dailyLimit: number,
  unanswered: "may be there" | "is not there" = "may be there",
): Promise<void> {
  const client = new Client(service.url, tokenOf(), callersMax);
  const asked = stories.filter(({ deeds }) => deeds.length > 0);
  const merchants = [...new Set(asked.map(({ merchantId }) => merchantId))];
  const entries = new Map<string, Body>();
  for (const merchantId of merchants) {
    const log = await logOf(client, `merchant/${merchantId}?success=true&limit=200`);
    for (const entry of log) entries.set(textOf(entry, "id"), entry);
    t.is(new Set(log.map(({ id }) => id)).size, log.length, "an entry is listed twice");
    const quota = await quotaOf(t, client, merchantId);
    checkChain(t, log, quota, dailyLimit);
  }
  const faults: string[] = [];
  await inParallel(asked, async (story) => {
    const ofOrder = await logOf(client, `order/${story.orderNo}?limit=200`);
    const done = ofOrder.filter(({ success }) => success === true);
    faults.push(...faultsOf(story, done, unanswered));
    for (const { id } of done)
      if (!entries.has(String(id)))
        faults.push(`${story.orderNo}: ${String(id)} is not in the log of its merchant`);
  });
  t.deepEqual(faults.slice(0, 20), []);
  await checkRepeats(t, client, asked);
  client.close();
}

export async function quotaOf(
  t: ExecutionContext,
  client: Client,
  merchantId: string,
): Promise<Body> {
  const { status, body } = await client.get(
    `/api/v1/quotas/merchant/${merchantId}/currency/${currency}`,
  );
  t.is(status, 200);
  return body;
}

/** All pages of a list of the usage log. */
export async function logOf(client: Client, path: string): Promise<readonly Body[]> {
  const items: Body[] = [];
  let cursor: unknown = null;
  do {
    const next = typeof cursor === "string" ? `&cursor=${cursor}` : "";
    const { status, body } = await client.get(`/api/v1/usage-logs/${path}${next}`);
    if (status !== 200)
      throw new Error(`the log ${path} answered ${String(status)}: ${JSON.stringify(body)}`);
    items.push(...(body["items"] as readonly Body[]));
    cursor = body["next_cursor"];
  } while (cursor !== null);
  return items;
}

/** The entries of a key in order of its versions: each begins where the one before ended, the last one is the quota. */
function checkChain(
  t: ExecutionContext,
  log: readonly Body[],
  quota: Body,
  dailyLimit: number,
): void {
  const counted = ["daily_used", "monthly_used", "yearly_used", "pending", "reserved"];
  const chain = [...log].sort((a, b) => numberOf(a, "version") - numberOf(b, "version"));
  let stands: readonly number[] = counted.map(() => 0);
  let version = 0;
  let change = 0;
  for (const entry of chain) {
    version += 1;
    const before = counted.map((name) => numberOf(entry, `${name}_before`));
    t.is(entry["version"], version, "a version is missing or there twice");
    t.deepEqual(before, stands, `version ${version} does not begin where the one before ended`);
    stands = counted.map((name) => numberOf(entry, `${name}_after`));
    change += signOf(entry) * numberOf(entry, "amount");
    const held = numberOf(entry, "daily_used_after") + numberOf(entry, "reserved_after");
    t.true(held <= dailyLimit, `version ${version}: ${held} is above the limit ${dailyLimit}`);
  }
  t.is(quota["version"], version);
  const now = ["daily_used", "monthly_used", "yearly_used", "pending_amount", "reserved_amount"];
  t.deepEqual(
    now.map((name) => quota[name]),
    stands,
  );
  t.is(quota["daily_used"], change, "the orders' effects do not add up to what is used");
}

/** What an entry adds to the used amount, by its action alone. */
function signOf({ action_type: action }: Body): number {
  if (action === "consume" || action === "confirm") return 1;
  return action === "release" ? -1 : 0;
}

/** What the log of an order has too much or too little, by what its clients were told. */
function faultsOf(story: Story, done: readonly Body[], unanswered: string): string[] {
  const faults: string[] = [];
  const found = new Map<string, string[]>();
  for (const entry of done) {
    const name = deedName(textOf(entry, "action_type"), entry["refund_no"]);
    found.set(name, [...(found.get(name) ?? []), textOf(entry, "id")]);
  }
  for (const [name, deeds] of deedsByName(story)) {
    const ids = found.get(name) ?? [];
    found.delete(name);
    const verdicts = new Set(deeds.map(({ answer }) => answer.verdict));
    const told = deeds.flatMap(({ answer }) =>
      answer.verdict === "applied" ? [answer.body["log_id"]] : [],
    );
    const mayBeThere = verdicts.has("unknown") && unanswered === "may be there";
    const where = `${story.orderNo} ${name} (${[...verdicts].join(", ")})`;
    if (ids.length > 1) faults.push(`${where}: is there ${ids.length} times`);
    if (verdicts.has("applied") && ids.length === 0)
      faults.push(`${where}: was acknowledged and is lost`);
    if (!verdicts.has("applied") && !mayBeThere && ids.length > 0)
      faults.push(`${where}: cannot have happened and is there`);
    if (told.some((id) => id !== ids[0])) faults.push(`${where}: was told another log_id`);
  }
  for (const name of found.keys()) faults.push(`${story.orderNo} ${name}: nobody asked for it`);
  return faults;
}

/** The same content again gets the first answer, and changes nothing. */
async function checkRepeats(
  t: ExecutionContext,
  client: Client,
  stories: readonly Story[],
): Promise<void> {
  const wrong: string[] = [];
  await inParallel(stories, async (story) => {
    for (const [name, deeds] of deedsByName(story)) {
      const first = deeds.find(({ answer }) => answer.verdict === "applied");
      if (!first) continue;
      const again = await client.quota(first.operation, first.body);
      const { status, body } = again;
      if (
        status === 200 &&
        body["duplicate"] === true &&
        body["log_id"] === first.answer.body["log_id"]
      )
        continue;
      wrong.push(`${story.orderNo} ${name}: ${String(status)} ${JSON.stringify(body)}`);
    }
  });
  t.deepEqual(wrong.slice(0, 20), []);
}

function deedsByName(story: Story): Map<string, Deed[]> {
  const byName = new Map<string, Deed[]>();
  for (const deed of story.deeds) {
    const name = deedName(deed.operation, deed.body["refund_no"]);
    byName.set(name, [...(byName.get(name) ?? []), deed]);
  }
  return byName;
}

function deedName(action: string, refundNo: unknown): string {
  return typeof refundNo === "string" ? `${action} ${refundNo}` : action;
}

async function inParallel<T>(all: readonly T[], run: (one: T) => Promise<void>): Promise<void> {
  const left = [...all];
  const worker = async (): Promise<void> => {
    for (let one = left.pop(); one !== undefined; one = left.pop()) await run(one);
  };
  await Promise.all(Array.from({ length: callersMax }, worker));
}

export function numberOf(body: Body, name: string): number {
  const value = body[name];
  if (typeof value !== "number") throw new Error(`${name} is no number: ${JSON.stringify(body)}`);
  return value;
}

export function textOf(body: Body, name: string): string {
  const value = body[name];
  if (typeof value !== "string") throw new Error(`${name} is no text: ${JSON.stringify(body)}`);
  return value;
}
