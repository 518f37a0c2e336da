import { existsSync, readdirSync, readFileSync } from "node:fs";

/** The unit of /proc/<pid>/stat, which Linux fixes at a hundredth of a second for all who read it. */
const tickUs = 10_000;

/** Whether this machine tells what its processes use; only Linux does. */
export function hasProcessFiles(): boolean {
  return existsSync("/proc/self/stat");
}

/** Microseconds of processor time, in user and system mode, that a process has used so far. */
export function cpuUsOf(pid: number): number {
  return ownTicks(statOf(pid)) * tickUs;
}

/**
 * What a Postgres server has used so far: its backends and helpers, those that have ended included.
 * @param postmasterPid of `postmasterAt`
 */
export function serverCpuUsOf(postmasterPid: number): number {
  const postmaster = statOf(postmasterPid);
  // The parent counts a child when it has ended, and not before.
  let ticks = ownTicks(postmaster) + postmaster.endedChildrenTicks;
  for (const pid of pids()) {
    const stat = statIfAlive(pid);
    if (stat?.parentPid === postmasterPid) ticks += ownTicks(stat);
  }
  return ticks * tickUs;
}

/** @throws Error if no Postgres was started for this port on this machine */
export function postmasterAt(port: number): number {
  for (const pid of pids()) {
    const words = textIfAlive(`/proc/${pid}/cmdline`)?.split("\0") ?? [];
    const isPostgres = textIfAlive(`/proc/${pid}/comm`)?.trim() === "postgres";
    if (isPostgres && words[words.indexOf("-p") + 1] === String(port)) return pid;
  }
  throw new Error(`no Postgres process of port ${port} was found under /proc`);
}

/** Resident memory in bytes, now and at its highest. */
export function memoryOf(pid: number): { readonly bytes: number; readonly highestBytes: number } {
  const text = readFileSync(`/proc/${pid}/status`, "utf8");
  const bytesOf = (name: string): number =>
    Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, "m").exec(text)?.[1]) * 1_024;
  return { bytes: bytesOf("VmRSS"), highestBytes: bytesOf("VmHWM") };
}

interface Stat {
  readonly parentPid: number;
  readonly userTicks: number;
  readonly systemTicks: number;
  readonly endedChildrenTicks: number;
}

function ownTicks({ userTicks, systemTicks }: Stat): number {
  return userTicks + systemTicks;
}

function statOf(pid: number): Stat {
  return parseStat(readFileSync(`/proc/${pid}/stat`, "utf8"));
}

function statIfAlive(pid: number): Stat | undefined {
  const text = textIfAlive(`/proc/${pid}/stat`);
  return text === undefined ? undefined : parseStat(text);
}

/** See proc_pid_stat(5): the name in brackets may hold anything, so that the fields are counted from its end. */
function parseStat(text: string): Stat {
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  const field = (number: number): number => Number(fields[number - 3]);
  return {
    parentPid: field(4),
    userTicks: field(14),
    systemTicks: field(15),
    endedChildrenTicks: field(16) + field(17),
  };
}

function pids(): readonly number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

/** Undefined if the process has ended meanwhile. */
function textIfAlive(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}
