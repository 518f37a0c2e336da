import { numberOf, textOf } from "../support/audit.ts";
import type { Body } from "../support/load-clients.ts";
import { type Intent, isDecision } from "./gateways.ts";
import { type Done, outOfTime, unfounded } from "./history-times.ts";

/** What stands in the tables when all is over. */
export interface Stored {
  /** Of the usage log, accepted only, with numbers as numbers. */
  readonly entries: readonly Body[];
  readonly quotas: readonly Body[];
  readonly dailyLimit: number;
}

/** What became of all that gateways asked for; lines that should not be there name what is wrong. */
export interface Findings {
  readonly operations: number;
  readonly acknowledged: number;
  readonly refused: number;
  /** Answers of which nobody could say what they meant; each was asked again. */
  readonly unknownAnswers: number;
  /** … and answers that said: nothing happened. */
  readonly nothingAnswers: number;
  /** Neither done nor refused at the end. */
  readonly undecided: number;
  readonly lost: readonly string[];
  readonly doubled: readonly string[];
  readonly aboveLimit: readonly string[];
  /** Any other difference between the clients' history, the log and the tables. */
  readonly wrong: readonly string[];
}

/**
 * Holds all that clients saw against the log and the tables. An acknowledged operation is in the log exactly once, one
 * that nobody could speak for at most once, any other not at all. The entries of a key are a chain without a gap, never
 * above the limit, that ends in the quota's row. And time is kept: what was acknowledged before something else was
 * asked for stands before it, and what an answer says of the sums was so between its asking and its coming.
 */
export function check(intents: readonly Intent[], stored: Stored): Findings {
  const { done, lost, doubled, wrong } = deedsOf(intents, stored.entries);
  const aboveLimit: string[] = [];
  const asked = groupBy(intents, ({ merchantId }) => merchantId);
  const known = groupBy(done, ({ intent }) => intent.merchantId);
  const chains = groupBy(stored.entries, (entry) => textOf(entry, "merchant_id"));
  const quotas = new Map(stored.quotas.map((quota) => [quota["merchant_id"], quota]));
  for (const merchantId of new Set([...asked.keys(), ...chains.keys()])) {
    const entries = chains.get(merchantId) ?? [];
    const chain = [...entries].sort((a, b) => numberOf(a, "version") - numberOf(b, "version"));
    const ofKey = known.get(merchantId) ?? [];
    wrong.push(
      ...brokenLinks(chain, quotas.get(merchantId)).map((line) => `${merchantId} ${line}`),
      ...outOfTime(ofKey),
      ...unfounded(asked.get(merchantId) ?? [], ofKey, chain),
    );
    for (const entry of chain) {
      const held = numberOf(entry, "daily_used_after") + numberOf(entry, "reserved_after");
      if (held <= stored.dailyLimit) continue;
      aboveLimit.push(`${merchantId} version ${String(entry["version"])}: ${held}`);
    }
  }
  return { ...countsOf(intents), lost, doubled, aboveLimit, wrong: [...wrong, ...bugs(intents)] };
}

/** Each operation by itself: how often it is in the log, and whether that is what its clients were told. */
function deedsOf(
  intents: readonly Intent[],
  entries: readonly Body[],
): Pick<Findings, "lost" | "doubled"> & { readonly wrong: string[]; readonly done: Done[] } {
  const lost: string[] = [];
  const doubled: string[] = [];
  const wrong: string[] = [];
  const done: Done[] = [];
  const inLog = groupBy(entries, (entry) =>
    deedOf(String(entry["order_no"]), String(entry["action_type"]), entry["refund_no"]),
  );
  for (const intent of intents) {
    const { orderNo, operation, body, observed } = intent;
    const name = deedOf(orderNo, operation, body["refund_no"]);
    const found = inLog.get(name) ?? [];
    inLog.delete(name);
    const applied = observed.filter(({ answer }) => answer.verdict === "applied");
    const mayBe =
      !observed.some(isDecision) && observed.some(({ answer }) => answer.verdict === "unknown");
    const [entry] = found;
    if (found.length > 1) doubled.push(`${name}: is in the log ${found.length} times`);
    if (entry === undefined) {
      if (applied.length > 0) lost.push(`${name}: was acknowledged and is not in the log`);
      continue;
    }
    if (applied.length === 0 && !mayBe) wrong.push(`${name}: did not happen and is in the log`);
    for (const { answer } of applied) wrong.push(...unlike(name, answer.body, entry));
    done.push({
      intent,
      version: numberOf(entry, "version"),
      firstSentMs: Math.min(...observed.map(({ sentMs }) => sentMs)),
      knownMs: Math.min(...applied.map(({ answeredMs }) => answeredMs)),
    });
  }
  for (const name of inLog.keys()) wrong.push(`${name}: is in the log, and nobody asked for it`);
  return { lost, doubled, wrong, done };
}

function deedOf(orderNo: string, action: string, refundNo: unknown): string {
  return [orderNo, action, ...(typeof refundNo === "string" ? [refundNo] : [])].join(" ");
}

/** What an answer says of the sums after it, and its entry does not. */
function unlike(name: string, answer: Body, entry: Body): readonly string[] {
  const same: Readonly<Record<string, string>> = {
    log_id: "id",
    version: "version",
    daily_used: "daily_used_after",
    pending_amount: "pending_after",
    reserved_amount: "reserved_after",
  };
  return Object.entries(same)
    .filter(([told, column]) => answer[told] !== entry[column])
    .map(
      ([told, column]) =>
        `${name}: was told ${told} ${String(answer[told])}, the log has ${String(entry[column])}`,
    );
}

/** Where the entries of a key, in order of their versions, are no chain that ends in its quota. */
function brokenLinks(chain: readonly Body[], quota: Body | undefined): readonly string[] {
  const sums = ["daily_used", "monthly_used", "yearly_used", "pending", "reserved"];
  const broken: string[] = [];
  let stands: readonly unknown[] = sums.map(() => 0);
  chain.forEach((entry, place) => {
    const version = String(entry["version"]);
    if (entry["version"] !== place + 1) broken.push(`version ${version} stands at ${place + 1}`);
    const before = sums.map((name) => entry[`${name}_before`]);
    if (before.join() !== stands.join()) {
      broken.push(
        `version ${version} begins at ${before.join()}, the one before ends at ${stands.join()}`,
      );
    }
    stands = sums.map((name) => entry[`${name}_after`]);
  });
  if (chain.length === 0 && quota === undefined) return broken;
  const columns = [
    "daily_used",
    "monthly_used",
    "yearly_used",
    "pending_amount",
    "reserved_amount",
  ];
  const now = [...columns, "version"].map((name) => quota?.[name]);
  const expected = [...stands, chain.length];
  if (now.join() !== expected.join())
    broken.push(`quota is ${now.join()}, the log ends at ${expected.join()}`);
  return broken;
}

function groupBy<T, K>(all: readonly T[], keyOf: (one: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>();
  for (const one of all) {
    const group = groups.get(keyOf(one));
    if (group) group.push(one);
    else groups.set(keyOf(one), [one]);
  }
  return groups;
}

/** Answers that are neither an outcome nor a fault that says what to do. */
function bugs(intents: readonly Intent[]): readonly string[] {
  return intents.flatMap(({ orderNo, operation, observed }) =>
    observed.flatMap(({ answer: { status, body, verdict } }) => {
      const isMeant = verdict !== "unknown" || status === null || status === 504;
      return isMeant ? [] : [`${orderNo} ${operation}: ${String(status)} ${JSON.stringify(body)}`];
    }),
  );
}

function countsOf(
  intents: readonly Intent[],
): Omit<Findings, "lost" | "doubled" | "aboveLimit" | "wrong"> {
  const answers = intents.flatMap(({ observed }) => observed.map(({ answer }) => answer.verdict));
  const decided = intents.filter(({ observed }) => observed.some(isDecision));
  const done = decided.filter(({ observed }) =>
    observed.some(({ answer }) => answer.verdict === "applied"),
  );
  return {
    operations: intents.length,
    acknowledged: done.length,
    refused: decided.length - done.length,
    undecided: intents.length - decided.length,
    unknownAnswers: answers.filter((verdict) => verdict === "unknown").length,
    nothingAnswers: answers.filter((verdict) => verdict === "nothing").length,
  };
}
