import type { Listings, Session } from "./database.ts";

/** A database to read from. */
export interface Reader {
  /** The body's statements go over one connection: each sees what the one before it saw, or more. */
  read<T>(body: (session: Session) => Promise<T>): Promise<T>;
}

/** What a caller wants to read, where it is true that it can. */
export function whereReached<T>(
  reader: Reader,
  reached: (session: Session) => Promise<boolean>,
  read: (session: Session) => Promise<T>,
): Promise<T | undefined> {
  return reader.read(async (session) => ((await reached(session)) ? read(session) : undefined));
}

/** Lists and statistics of a database without a replica. */
export function primaryListings(primary: Reader): Listings {
  return {
    run: (statement, values) => primary.read((session) => session.run(statement, values)),
    reaching: (reached, read) => whereReached(primary, reached, read),
    replica: null,
  };
}
