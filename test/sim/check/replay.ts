import { isDeepStrictEqual } from "node:util";

import { quotaFrom } from "../../../shards/store/stored.ts";
import { text, whole } from "../../../shards/store/row.ts";
import type { Row } from "../../../src/platform/database.ts";
import { perWindow, windowNames } from "../../../src/domain/period.ts";
import { inPeriods } from "../../../src/domain/quota.ts";
import { key } from "../../support/quota-builders.ts";
import type { World } from "../cluster/world.ts";
import { keyTextOf } from "./archive.ts";
import { alertKey } from "../store/journal-statements.ts";
import type { Table } from "../store/table.ts";

/** I6: the tables are the journal, replayed: of each quota and order the newest, and every entry and alert once. */
export function judgeTables(world: World): void {
  const { server, archive } = world;
  const { quotas, orders, logs, alerts } = server.tables;
  const seen = server.begin();
  const rowsOf = (table: Table<Row>): readonly Row[] => [...table.rows(seen)].map(([, row]) => row);

  const { batches } = archive;
  compare(world, "quota", {
    wanted: newest(
      batches.flatMap((batch) => batch.quotas),
      "quota_key",
    ),
    found: newest(rowsOf(quotas), "quota_key"),
    same: isSameQuota,
  });
  compare(world, "order", {
    wanted: newest(
      batches.flatMap((batch) => batch.orders),
      "order_key",
    ),
    found: newest(rowsOf(orders), "order_key"),
    same: isDeepStrictEqual,
  });
  const entries = rowsOf(logs).filter((row) => "id" in row);
  compare(world, "entry", {
    wanted: byId(chained(batches.flatMap((batch) => batch.facts))),
    found: byId(entries),
    same: isDeepStrictEqual,
  });
  if (byId(entries).size !== entries.length) world.find("I6: an entry is in the log twice");
  const raised = batches.flatMap((batch) => batch.alerts);
  compare(world, "alert", {
    wanted: new Map(raised.map((row) => [alertKey(row), row])),
    found: new Map(rowsOf(alerts).map((row) => [alertKey(row), row])),
    same: isDeepStrictEqual,
  });
  if (new Set(raised.map(alertKey)).size !== raised.length) {
    world.find("I10: an alert was raised twice");
  }
}

function compare(
  world: World,
  what: string,
  {
    wanted,
    found,
    same,
  }: {
    readonly wanted: ReadonlyMap<string, Row>;
    readonly found: ReadonlyMap<string, Row>;
    readonly same: (a: Row, b: Row) => boolean;
  },
): void {
  for (const name of new Set([...wanted.keys(), ...found.keys()])) {
    const [is, should] = [found.get(name), wanted.get(name)];
    if (!is) world.find(`I6: ${what} ${name} is in the journal and not in the tables`);
    else if (!should) world.find(`I6: ${what} ${name} is in the tables and not in the journal`);
    else if (!same(is, should)) world.find(`I6: ${what} ${name} is not what the journal says`);
  }
}

function newest(rows: readonly Row[], keyColumn: string): ReadonlyMap<string, Row> {
  const all = new Map<string, Row>();
  for (const row of rows) {
    const name = text(row, keyColumn);
    const known = all.get(name);
    if (!known || whole(known, "version") < whole(row, "version")) all.set(name, row);
  }
  return all;
}

/** Entries in the order of their commits, each with its place among those of its key. */
function chained(facts: readonly Row[]): readonly Row[] {
  const places = new Map<string, bigint>();
  return facts.map((fact) => {
    const place = (places.get(keyTextOf(fact)) ?? 0n) + 1n;
    places.set(keyTextOf(fact), place);
    return { ...fact, chain_no: place };
  });
}

function byId(rows: readonly Row[]): ReadonlyMap<string, Row> {
  return new Map(rows.map((row) => [text(row, "id"), row]));
}

/** Whether a row is what was wanted, but for windows that a sweep has emptied since, as the next turn would. */
function isSameQuota(found: Row, wanted: Row): boolean {
  const of = key(text(found, "merchant_id"));
  const is = quotaFrom(found, of);
  const should = quotaFrom(wanted, of);
  if (windowNames.some((name) => is.windows[name].period < should.windows[name].period))
    return false;
  const periods = perWindow((name) => is.windows[name].period);
  return isDeepStrictEqual(is, inPeriods(should, periods));
}
