import pg from "pg";

import type { PostgresAddress } from "./services-address.ts";

/** What a text selects, over a connection of its own: the servers behind it may be away and come back. */
export async function rowsOf(
  address: PostgresAddress,
  text: string,
): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const client = new pg.Client({ ...address });
  client.on("error", () => undefined);
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(text)).rows;
  } finally {
    await client.end();
  }
}
