import type { Row } from "../../../src/platform/database.ts";
import type { Parameters } from "./parameters.ts";
import type { Tables } from "./tables.ts";
import type { Transaction } from "./transaction.ts";

/** What one statement of the program does to the tables, and answers. */
export type Execute = (
  given: Parameters,
  tables: Tables,
  transaction: Transaction,
) => Promise<readonly Row[]> | readonly Row[];

/** By the name of the statement. */
export type Statements = Readonly<Record<string, Execute>>;
