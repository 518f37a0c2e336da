import { journalTail } from "../../../shards/ownership/sql.ts";
import { commitBatch, writeCheckpoint } from "../../../shards/store/sql.ts";
import type { Database, Session } from "../../../src/platform/database.ts";
import { type Mutant, sound } from "../cluster/world.ts";
import { journalRowFrom } from "../store/journal-statements.ts";
import type { Execute, Statements } from "../store/statement.ts";
import { Transaction } from "../store/transaction.ts";

/** Tells everybody that a batch is durable when it is sent. */
function acknowledging(database: Database): Database {
  const hasty = (session: Session): Session => ({
    run: (statement, values) => {
      const answer = session.run(statement, values);
      if (statement.name !== commitBatch.name) return answer;
      answer.catch(() => undefined);
      return Promise.resolve([{ seq: values?.[1] }]);
    },
  });
  return { ...database, session: (purpose) => hasty(database.session(purpose)) };
}

function executing(sound: Statements, name: string): Execute {
  const execute = sound[name];
  if (!execute) throw new Error(`there is no statement ${name} to be mutated`);
  return execute;
}

/** Commits whether the writer is open or not. */
const unfenced: Execute = async (given, tables, transaction) => {
  const [writerId, seq] = [BigInt(given.text(1)), given.whole(2)];
  const literals = [3, 4, 5, 6].map((place) => given.text(place));
  const row = journalRowFrom(writerId, seq, literals, tables);
  await transaction.write(tables.journal, `${writerId} ${seq}`, row);
  return [{ seq: BigInt(seq) }];
};

/** The mark first and what it stands for after it, each in a transaction of its own. */
function inTwoSteps(sound: Execute): Execute {
  return async (given, tables, transaction) => {
    const { checkpoints, commits } = tables;
    const [writerId, upTo] = [given.text(1), given.whole(2)];
    const before = checkpoints.find(writerId, transaction);
    const first = new Transaction(commits, transaction.nowMs);
    const done = await first.lock(checkpoints, writerId, "update");
    await first.write(checkpoints, writerId, Math.max(done ?? 0, upTo));
    first.commit();
    await new Promise<void>((resolve) => commits.after(4, resolve));
    transaction.beginStatement();
    await transaction.write(checkpoints, writerId, before);
    return sound(given, tables, transaction);
  };
}

/** Deliberate bugs, put in between the program and what is around it. */
export const portMutants: Readonly<Record<string, Mutant>> = {
  "acknowledges before the commit": { ...sound, database: acknowledging },
  "commits without the fence": {
    ...sound,
    statements: (statements) => ({ ...statements, [commitBatch.name]: unfenced }),
  },
  "moves a checkpoint's mark in a transaction of its own": {
    ...sound,
    statements: (statements) => ({
      ...statements,
      [writeCheckpoint.name]: inTwoSteps(executing(statements, writeCheckpoint.name)),
    }),
  },
  "sets a dead writer's shards free without the tail of its journal": {
    ...sound,
    statements: (statements) => ({
      ...statements,
      [journalTail.name]: () => [{ last_seq: 0n, batches: 0n }],
    }),
  },
};
