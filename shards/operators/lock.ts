import type { Session, Statement } from "../../src/platform/database.ts";
import type { JobLock } from "../../src/platform/lock.ts";

/** One name for all that operators do to the shards: who plans by what another is about to change plans wrongly. */
const lockName = "operator";
/** Postgres keeps no longer name of a connection. */
const nameCharactersMax = 63;

/** Whoever has the lock says so in the name of a connection: it is seen by all others, and ends with the process. */
const sayWho: Statement = {
  name: "operators_say_who",
  text: `select set_config('application_name', $1, false)`,
};

const sayNobody: Statement = { name: "operators_say_nobody", text: `reset application_name` };

const selectHolder: Statement = {
  name: "operators_holder",
  text: `
    select substr(application_name, 11) as who from pg_stat_activity
    where datname = current_database() and application_name like 'operator: %'
    order by backend_start
    limit 1`,
};

/** What was done under the lock, or who has it. */
export type Locked<T> =
  | { readonly kind: "done"; readonly result: T }
  /** `by` is a sentence; nothing was changed. */
  | { readonly kind: "occupied"; readonly by: string };

/**
 * Does what one operator may do at a time.
 * @param who with what they do, for whoever finds the lock taken
 * @throws whatever `run` throws
 */
export async function underOperatorLock<T>(
  { lock, session }: { readonly lock: JobLock; readonly session: Session },
  who: string,
  run: () => Promise<T>,
): Promise<Locked<T>> {
  // A lock that is lost does not stop the work: what was wished is a row, and the rest is waiting for it.
  let done: { readonly result: T } | undefined;
  await lock.hold(lockName, async () => {
    const name = `operator: ${who}`.replaceAll(/[^ -~]/g, "?").slice(0, nameCharactersMax);
    await session.run(sayWho, [name]);
    try {
      done = { result: await run() };
    } finally {
      // It says what was; it holds nobody up.
      await session.run(sayNobody).catch(() => undefined);
    }
  });
  if (done) return { kind: "done", ...done };
  const [row] = await session.run(selectHolder);
  const by = row
    ? `another operator is at it: ${String(row["who"])}; nothing was changed`
    : "another operator is at it, or was cut off within the last 30 s: try again";
  return { kind: "occupied", by };
}
