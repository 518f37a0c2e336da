import { randomBytes } from "node:crypto";

import pg from "pg";

/** Where a database is; add the time limit and it opens. */
export interface PostgresAddress {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly database: string;
  readonly ssl: boolean;
}

/** A database of its own beside the one that is given: empty, or a copy of another, which nobody uses. */
export async function makeDatabase(
  address: PostgresAddress,
  template = "template1",
): Promise<PostgresAddress> {
  const database = `quota_${randomBytes(6).toString("hex")}`;
  await execute(address, `create database ${database} template ${template}`);
  return { ...address, database };
}

/** One text over a connection of its own. */
export async function execute(address: PostgresAddress, text: string): Promise<void> {
  const client = new pg.Client({ ...address, connectionTimeoutMillis: 5_000 });
  client.on("error", () => undefined);
  try {
    await client.connect();
    await client.query(text);
  } finally {
    await client.end();
  }
}
