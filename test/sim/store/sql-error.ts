import pg from "pg";

/** An error as the server answers it. @param code its SQLSTATE */
export function sqlError(code: string, message: string): Error {
  const error = new pg.DatabaseError(message, message.length, "error");
  error.code = code;
  error.severity = code.startsWith("57P") ? "FATAL" : "ERROR";
  return error;
}
