import { jobStatements } from "./job-statements.ts";
import { journalStatements } from "./journal-statements.ts";
import { limitsStatements } from "./limits-statements.ts";
import { ownershipStatements } from "./ownership-statements.ts";
import type { Statements } from "./statement.ts";

/** Every statement of the program that the model knows. */
export const modelled: Statements = {
  ...ownershipStatements,
  ...journalStatements,
  ...limitsStatements,
  ...jobStatements,
};
