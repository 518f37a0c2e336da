import { isDeepStrictEqual } from "node:util";

import { flag, list, moment, text, textOrNull, whole } from "../../../shards/store/row.ts";
import type { Row } from "../../../src/platform/database.ts";
import type { Command, Question } from "../../../src/domain/command.ts";
import type { Key } from "../../../src/domain/ids.ts";
import type { Standing } from "../../../src/domain/outcome.ts";
import { perWindow, windowNames } from "../../../src/domain/period.ts";
import type { Quota } from "../../../src/domain/quota.ts";
import { NaiveModel } from "../../support/naive-model.ts";
import { expire, thresholds } from "../../support/quota-builders.ts";
import type { Call, History } from "../cluster/history.ts";
import type { World } from "../cluster/world.ts";
import { alertKey } from "../store/journal-statements.ts";
import { keyTextOf } from "./archive.ts";

/**
 * One key's entries in the order of their commits, told to the naive model: it decides each as the owners did, counts
 * what they counted, and stands where callers were told that the key stood.
 */
export function judgeKey(world: World, key: Key, history: History): void {
  const { batches } = world.archive;
  const isOfKey = (row: Row): boolean => keyTextOf(row) === key.text;
  const facts = batches.flatMap((batch) => batch.facts).filter(isOfKey);
  const requests = new Map(history.calls.map((call) => [call.id, call.request]));
  const standings = standingsOf(key, history.calls);
  const model = new NaiveModel();
  const expected = new Set<string>();
  let version = 0;
  let isSuspended = false;

  for (const fact of facts) {
    const about = `${key.text} v${whole(fact, "version")} ${text(fact, "action_type")} ${textOrNull(fact, "order_no") ?? ""}`;
    const command = commandOf(fact, requests);
    const limits = world.policy.known(textOrNull(fact, "policy_version"));
    const at = moment(fact, "created_at");
    const answer = model.ask(command, limits, at);
    const success = flag(fact, "success");
    const wanted = success ? "accepted" : text(fact, "failure_reason");
    if (answer !== wanted) world.find(`${about}: the owner said ${wanted}, the model ${answer}`);
    if (success) version += 1;
    if (whole(fact, "version") !== version) world.find(`${about}: version ${version} is due`);
    if (!success) continue;
    if (!isDeepStrictEqual(afterOf(fact), countedOf(model.numbers(limits.zone, at)))) {
      world.find(`${about}: the log and the model count apart`);
    }
    for (const alert of thresholdsReached(fact)) expected.add(`${key.text} ${alert}`);
    if (command.kind === "suspend" && !isSuspended) {
      expected.add(`${key.text} suspended v${version}`);
    }
    isSuspended = model.numbers(limits.zone, at).isSuspended;
    for (const standing of standings.get(version) ?? []) {
      const stands = model.numbers(standing.limits.zone, standing.at);
      if (!isDeepStrictEqual(numbersOf(standing.quota), stands)) {
        world.find(`${key.text}: a caller was told of a version ${version} that never was`);
      }
    }
  }
  const raised = batches.flatMap((batch) => batch.alerts).filter(isOfKey);
  judgeAlerts(world, expected, new Set(raised.map(alertKey)));
}

function judgeAlerts(world: World, expected: Set<string>, raised: Set<string>): void {
  for (const alert of expected) {
    if (!raised.has(alert)) world.find(`I10: ${alert} was reached, and nobody was told`);
  }
  for (const alert of raised) {
    if (!expected.has(alert)) world.find(`I10: ${alert} was told, and never reached`);
  }
}

/** What the entry's caller had asked; nobody asked for the end of a hold. */
function commandOf(
  fact: Row,
  requests: ReadonlyMap<string, Command | Question>,
): Exclude<Command | Question, { kind: "check" | "get" | "refresh" }> {
  const request = requests.get(textOrNull(fact, "trace_id") ?? "");
  if (!request) return expire(text(fact, "order_no"));
  if (request.kind === "check" || request.kind === "get" || request.kind === "refresh") {
    throw new Error("a question has left an entry");
  }
  return request;
}

/** What callers were told that stands, by version. */
function standingsOf(key: Key, calls: readonly Call[]): ReadonlyMap<number, readonly Standing[]> {
  const standings = new Map<number, Standing[]>();
  for (const { said, request } of calls) {
    if (request.key.text !== key.text) continue;
    if (said?.kind !== "stands" && said?.kind !== "refused") continue;
    const { version } = said.standing.quota;
    standings.set(version, [...(standings.get(version) ?? []), said.standing]);
  }
  return standings;
}

function afterOf(fact: Row) {
  return {
    used: perWindow((name) => fact[`${name}_used_after`]),
    pending: fact["pending_after"],
    reserved: fact["reserved_after"],
  };
}

function countedOf(numbers: ReturnType<NaiveModel["numbers"]>) {
  const { windows, pending, reserved } = numbers;
  return { used: perWindow((name) => windows[name].used), pending, reserved };
}

function numbersOf(quota: Quota) {
  return {
    windows: perWindow((name) => {
      const { used, held, count, refunded } = quota.windows[name];
      return { used, held, count, refunded };
    }),
    pending: quota.pending,
    reserved: quota.reserved,
    isSuspended: quota.suspension !== null,
  };
}

/** The thresholds at or over which an entry has raised use, each with the period: told once, by this entry or before. */
function thresholdsReached(fact: Row): readonly string[] {
  return windowNames.flatMap((name, n) => {
    const used = Number(fact[`${name}_used_after`]);
    const limit = fact[`${name}_limit`];
    if (used <= Number(fact[`${name}_used_before`]) || limit === null) return [];
    return thresholds
      .filter(({ percent }) => used * 100 >= Number(limit) * percent)
      .map(({ percent }) => `${name}_${percent} ${String(list(fact, "charged_periods")[n])}`);
  });
}
