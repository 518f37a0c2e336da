import pg from "pg";

import type { Row } from "./database.ts";
import { type Decoder, decoderOf } from "./sql-value.ts";

/** A column of a statement's rows, as Postgres described it when the statement ran first. */
export interface Column {
  readonly name: string;
  readonly decode: Decoder;
}

export function columnsOf(fields: readonly pg.FieldDef[]): readonly Column[] {
  return fields.map(({ name, dataTypeID }) => ({ name, decode: decoderOf(dataTypeID) }));
}

/** What a further run asks. */
interface Asked {
  readonly text: string;
  /** By which it was prepared. */
  readonly name: string;
  readonly values: (string | null)[];
  readonly columns: readonly Column[];
}

/**
 * A further run of a statement that this very connection has prepared. The driver's own has the columns described, reads
 * that and makes what reads the rows each time; here all of that is kept from the first run. Postgres itself refuses a
 * prepared statement whose columns have become others.
 */
export class PreparedRun extends pg.Query {
  readonly asked: Asked;
  /** To be told once: an error, or null and the rows. */
  readonly done: (error: unknown, rows: readonly Row[]) => void;
  readonly #rows: Row[] = [];
  #unreadable: unknown = null;

  constructor(asked: Asked, done: (error: unknown, rows: readonly Row[]) => void) {
    super(asked.text);
    this.asked = asked;
    this.done = done;
  }

  override submit = (connection: pg.Connection): null => {
    connection.stream.cork();
    connection.bind({ statement: this.asked.name, values: this.asked.values }, true);
    connection.execute(null, true);
    connection.sync();
    connection.stream.uncork();
    return null;
  };

  handleDataRow({ fields }: { readonly fields: readonly (string | null)[] }): void {
    const row: Record<string, unknown> = {};
    try {
      for (const [n, { name, decode }] of this.asked.columns.entries()) {
        const text = fields[n] ?? null;
        row[name] = text === null ? null : decode(text);
      }
    } catch (error) {
      this.#unreadable ??= error;
    }
    this.#rows.push(row);
  }

  handleCommandComplete(): void {
    // The rows are what is asked for; Postgres is ready again next.
  }

  handleReadyForQuery(): void {
    this.done(this.#unreadable, this.#rows);
  }

  handleError(error: unknown): void {
    this.done(error, []);
  }
}
