import { openPostgres } from "../../src/platform/postgres.ts";
import type { Row, Session } from "../../src/platform/database.ts";
import { type LimitColumn, type Sum } from "./tally.ts";
import { limitSums, logSums, missingColumns, openSnapshot } from "./source-sql.ts";

/** One statement of the old database: the sort of the whole log before its first page. */
const statementTimeoutMs = 1_800_000;

/** The old service's database as it stood at one moment. */
export interface Source {
  readonly session: Session;
  /** Of the database. */
  readonly name: string;
  readonly merchants: bigint;
  readonly amounts: Readonly<Record<LimitColumn, bigint>>;
  readonly logs: ReadonlyMap<string, Sum>;
  readonly logRows: bigint;
}

/**
 * Lets a body read the old database in one picture of it; nothing can be written there.
 *
 * @param url `postgres://user:password@host:port/database`, with `?sslmode=require` for TLS
 * @throws Error when the URL or the tables are not what they should be; Fault when Postgres says no
 */
export async function withSource<T>(url: string, body: (source: Source) => Promise<T>): Promise<T> {
  const database = openPostgres({ ...addressOf(url), statementTimeoutMs });
  try {
    return await database.transaction(async (session) => {
      for (const statement of openSnapshot) await session.run(statement);
      const missing = await session.run(missingColumns);
      if (missing.length > 0) {
        const names = missing.map((row) => String(row["missing"])).join(", ");
        throw new Error(
          `the database of --from has no ${names}: is it the one of merchant-limit-service?`,
        );
      }
      return body(await sourceOf(session));
    });
  } finally {
    await database.close();
  }
}

/** Parts of a URL, as the adapter wants them. @throws Error naming the part that is wrong, and no password */
export function addressOf(
  text: string,
): Omit<Parameters<typeof openPostgres>[0], "statementTimeoutMs"> {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !/^postgres(?:ql)?:$/.test(url.protocol) || url.hostname === "") {
    throw new Error("--from is no URL like postgres://user:password@host:5432/database");
  }
  const name = decodeURIComponent(url.pathname.slice(1));
  if (name === "") throw new Error("--from names no database: postgres://…@host:5432/database");
  const sslMode = url.searchParams.get("sslmode") ?? "disable";
  return {
    host: url.hostname,
    port: Number(url.port === "" ? "5432" : url.port),
    user: decodeURIComponent(url.username),
    password: decodeURIComponent(url.password),
    database: name,
    ssl: ["require", "verify-ca", "verify-full"].includes(sslMode),
  };
}

async function sourceOf(session: Session): Promise<Source> {
  const [limits] = await session.run(limitSums);
  if (limits === undefined) throw new Error("merchant_limits could not be added up");
  const logs = new Map<string, Sum>();
  for (const row of await session.run(logSums)) logs.set(String(row["action"]), sumOf(row));
  const total = (column: LimitColumn): bigint => BigInt(String(limits[column]));
  const [daily_used, monthly_used, pending_amount, refunded_today] = [
    total("daily_used"),
    total("monthly_used"),
    total("pending_amount"),
    total("refunded_today"),
  ];
  return {
    session,
    name: String(limits["source"]),
    merchants: BigInt(String(limits["merchants"])),
    amounts: { daily_used, monthly_used, pending_amount, refunded_today },
    logs,
    logRows: [...logs.values()].reduce((rows, sum) => rows + sum.rows, 0n),
  };
}

/** A row with `log_rows` and `amount`. */
export function sumOf(row: Row): Sum {
  return { rows: BigInt(String(row["log_rows"])), amount: BigInt(String(row["amount"])) };
}
