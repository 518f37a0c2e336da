import { Fault, type FaultCode } from "../wire/fault.ts";

/** What a database said no with: the fields of an ErrorResponse that decide. */
export interface SqlError {
  readonly code?: string | undefined;
  readonly severity?: string | undefined;
  readonly message: string;
}

/** Statements and classes (the first two letters) that certainly did nothing, by SQLSTATE. */
const didNothing: ReadonlySet<string> = new Set([
  "25006", // read_only_sql_transaction: the primary became a standby
  "26000", // invalid_sql_statement_name: prepared on another connection, behind a transaction pooler
  "42P05", // duplicate_prepared_statement, the same
  "57014", // query_canceled, statement_timeout included
  "57P03", // cannot_connect_now
  "40", // transaction rollback: deadlock, serialization
  "53", // insufficient resources: disk full, too many connections
  "55", // object not in prerequisite state: lock not available
]);

/** Those after which nobody can say whether a commit was made. */
const nobodyKnows: ReadonlySet<string> = new Set([
  "40003", // statement_completion_unknown
  "57P01", // admin_shutdown
  "57P02", // crash_shutdown
  "57P05", // idle_session_timeout
  "08", // connection exception
  "58", // system error, input and output
  "XX", // internal error of Postgres
]);

function codeOf(error: SqlError): FaultCode {
  const sqlState = error.code ?? "";
  const sqlClass = sqlState.slice(0, 2);
  if (error.severity === "PANIC" || nobodyKnows.has(sqlState)) return "OUTCOME_UNKNOWN";
  if (didNothing.has(sqlState) || didNothing.has(sqlClass)) return "SHARD_UNAVAILABLE";
  return nobodyKnows.has(sqlClass) ? "OUTCOME_UNKNOWN" : "INTERNAL";
}

/** The fault for an error that the database answered; the error itself is the cause. */
export function faultOfSqlError(error: SqlError, statementName: string): Fault {
  const sqlState = error.code ?? "unknown";
  return new Fault(
    codeOf(error),
    `statement ${statementName} failed with SQLSTATE ${sqlState}: ${error.message}`,
    { cause: error },
  );
}

/** Whether the connection or the engine is gone after this error, so that nothing more may be sent to it. */
export function endsConnection(error: SqlError): boolean {
  return (
    error.severity === "FATAL" ||
    error.severity === "PANIC" ||
    error.code === "57P01" ||
    error.code === "57P02"
  );
}
