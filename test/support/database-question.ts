import type { Statement } from "../../src/platform/database.ts";
import { Fault, type FaultCode } from "../../src/wire/fault.ts";

/** A statement that is its own name; its first 60 characters have to tell it from others. */
export function statementOf(text: string): Statement {
  return { name: text.slice(0, 60), text };
}

export const selectOne = statementOf("select 1 as one");

/** The fault's code; what is no Fault is thrown. */
export async function codeOf(promise: Promise<unknown>): Promise<FaultCode | "none"> {
  try {
    await promise;
    return "none";
  } catch (error) {
    if (error instanceof Fault) return error.code;
    throw error;
  }
}
