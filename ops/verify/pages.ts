import type { Row, Session, Statement } from "../../src/platform/database.ts";

/** A cursor of Postgres, declared and closed by its own statements. */
export interface CursorStatements {
  readonly declare: Statement;
  /** Some rows further; none = the end. */
  readonly fetch: Statement;
  readonly close: Statement;
}

/**
 * The rows of a cursor, two pages in memory at most: while one is looked at, Postgres prepares the next.
 * @param values of the declaration
 */
export async function* pagesOf(
  session: Session,
  { declare, fetch, close }: CursorStatements,
  values: readonly unknown[],
): AsyncGenerator<readonly Row[], void, void> {
  await session.run(declare, values);
  let coming = session.run(fetch);
  for (;;) {
    const page = await coming;
    if (page.length === 0) break;
    coming = session.run(fetch);
    yield page;
  }
  await session.run(close);
}
