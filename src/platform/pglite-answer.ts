import { messages, type PGlite } from "@electric-sql/pglite";

import type { Fault } from "../wire/fault.ts";
import type { Row } from "./database.ts";
import { faultOfSqlError, type SqlError } from "./sql-fault.ts";
import { decoderOf } from "./sql-value.ts";

/** What the engine said to one request: rows, or the error that a database answers. */
export interface PgliteAnswer {
  readonly rows: readonly Row[];
  /** Whether the statement is prepared from now on. */
  readonly parsed: boolean;
  readonly error: SqlError | undefined;
  /** The error's fault; there is none without an error. */
  readonly fault: Fault | undefined;
}

type Message = Awaited<ReturnType<PGlite["execProtocol"]>>["messages"][number];

/** Reads the messages of Postgres's protocol that answer one request. */
export function readAnswer(answer: readonly Message[], statementName: string): PgliteAnswer {
  const rows: Row[] = [];
  let fields: readonly Field[] = [];
  let error: SqlError | undefined;
  for (const message of answer) {
    if (message instanceof messages.RowDescriptionMessage) {
      fields = message.fields.map((field) => ({
        name: field.name,
        decode: decoderOf(field.dataTypeID),
      }));
    } else if (message instanceof messages.DataRowMessage) {
      rows.push(rowOf(fields, message.fields));
    } else if (message instanceof messages.DatabaseError) {
      error ??= message;
    }
  }
  return {
    rows,
    parsed: answer.some((message) => message.name === "parseComplete"),
    error,
    fault: error === undefined ? undefined : faultOfSqlError(error, statementName),
  };
}

interface Field {
  readonly name: string;
  readonly decode: ReturnType<typeof decoderOf>;
}

function rowOf(fields: readonly Field[], texts: readonly (string | null)[]): Row {
  const row: Record<string, unknown> = {};
  fields.forEach(({ name, decode }, index) => {
    const text = texts[index];
    row[name] = typeof text === "string" ? decode(text) : null;
  });
  return row;
}
