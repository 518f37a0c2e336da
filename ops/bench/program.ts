import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, existsSync, openSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** Where programs are run, and until when. */
export interface Place {
  /** Whatever works in it is ended when this process is gone, however it went. */
  readonly folder: string;
  readonly signal: AbortSignal;
}

/** A program that serves until it is ended. */
export interface Served {
  readonly pid: number;
  /** What it has written so far. */
  log(): string;
  isGone(): boolean;
  /** @param signal SIGTERM lets it finish what it does */
  end(signal: "SIGKILL" | "SIGTERM"): Promise<void>;
}

const logShown = 4_000;
const endMaxMs = 30_000;

/**
 * Runs a program to its end.
 * @param goodCodes how it may exit
 * @returns what it wrote
 * @throws Error with that if it fails or the signal ends it
 */
export function outputOf(
  { folder, signal }: Place,
  command: string,
  parameters: readonly string[],
  goodCodes: readonly number[] = [0],
): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, parameters, {
      cwd: folder,
      stdio: ["ignore", "pipe", "pipe"],
      // A group of its own: a Ctrl-C of the terminal reaches this process alone, which then ends the others.
      detached: true,
      signal,
      killSignal: "SIGKILL",
    });
    const written: string[] = [];
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text: string) => written.push(text));
    }
    child.once("error", reject);
    child.once("close", (code) => {
      const output = written.join("");
      if (code !== null && goodCodes.includes(code)) resolve(output);
      else
        reject(
          new Error(`${command} ended with ${code ?? "a signal"}:\n${output.slice(-logShown)}`),
        );
    });
  });
}

/** Starts a program of this project with Node, in a process of its own. */
export function serve(
  { folder, signal }: Place,
  program: {
    readonly file: string;
    readonly nodeOptions?: readonly string[];
    readonly parameters?: readonly string[];
    /** Nothing else is in its environment. */
    readonly environment?: Readonly<Record<string, string>>;
    readonly logName: string;
  },
): Served {
  signal.throwIfAborted();
  const logPath = join(folder, `${program.logName}.log`);
  const log = openSync(logPath, "a");
  const { nodeOptions = [], parameters = [], environment = {} } = program;
  const child = spawn(process.execPath, [...nodeOptions, program.file, ...parameters], {
    cwd: folder,
    env: { ...environment },
    stdio: ["ignore", log, log],
    detached: true,
    signal,
    killSignal: "SIGKILL",
  });
  closeSync(log);
  const ended = endOf(child);
  const { pid } = child;
  if (pid === undefined) throw new Error(`${program.file} could not be spawned`);
  return {
    pid,
    log: () => readFileSync(logPath, "utf8").slice(-logShown),
    isGone: () => child.exitCode !== null || child.signalCode !== null,
    end: async (how) => {
      child.kill(how);
      const overdue = setTimeout(() => child.kill("SIGKILL"), endMaxMs);
      await ended;
      clearTimeout(overdue);
    },
  };
}

/** A compiled program of this project, named from its root, such as `src/main.js`. */
export function compiled(name: string): string {
  let folder = import.meta.dirname;
  while (!existsSync(join(folder, "src", "main.js"))) folder = dirname(folder);
  return join(folder, name);
}

function endOf(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    child.once("close", () => {
      resolve();
    });
    // An abort is told here; the end of the process itself follows.
    child.on("error", () => {
      if (child.pid === undefined) resolve();
    });
  });
}
