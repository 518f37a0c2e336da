import { randomBytes } from "node:crypto";

import { type LoneProgram, programPath, startLone } from "./services-lone.ts";
import { type Skipped, skip } from "./services-skipped.ts";

/** A real Redis for tests. Stop it in `test.after.always`. */
export interface RealRedis {
  readonly host: string;
  readonly port: number;
  readonly password: string | null;
  /** The same as one address. */
  readonly url: string;
  /** Ends the server and removes its files; a given server is left as it is, with the keys of the tests in it. */
  stop(): Promise<void>;
  /** kill -9 of the server, only of one's own. What was not saved by SAVE is gone. */
  kill(): Promise<void>;
  /** An orderly end or, after a kill, nothing; then a start on the same port, with what was saved by SAVE. */
  restart(): Promise<void>;
}

/**
 * The first that serves: TEST_REDIS_URL, a `redis-server` on this machine; else skipped, loudly.
 *
 * @param options.own for tests that kill, fill or flush: never the shared server of TEST_REDIS_URL
 * @throws Error instead of skipping when REQUIRE_SERVICES is 1
 */
export async function realRedis(
  options: { readonly own?: boolean } = {},
): Promise<RealRedis | Skipped> {
  const url = process.env["TEST_REDIS_URL"];
  if (url !== undefined && url !== "" && options.own !== true) return givenRedis(new URL(url));
  const password = randomBytes(12).toString("hex");
  const program = programWith(password);
  const path = programPath(program.command);
  if (path === undefined) {
    return skip("Redis", "no TEST_REDIS_URL and no redis-server on this machine");
  }
  const server = await startLone(path, program);
  return { ...server, password, url: `redis://:${password}@${server.host}:${server.port}` };
}

function programWith(password: string): LoneProgram {
  return {
    name: "Redis",
    command: "redis-server",
    parameters: (port, folder) => [
      ...["--bind", "127.0.0.1", "--port", String(port), "--requirepass", password],
      ...["--dir", `${folder}/`, "--save", "", "--appendonly", "no"],
    ],
    greeting: `AUTH ${password}\r\nPING\r\n`,
    answer: /^\+OK/,
  };
}

function givenRedis(url: URL): RealRedis {
  const refuse = (): Promise<void> =>
    Promise.reject(new Error("a given Redis is shared: ask for an own one to kill it"));
  const password = url.password === "" ? null : decodeURIComponent(url.password);
  return {
    host: url.hostname,
    port: Number(url.port === "" ? "6379" : url.port),
    password,
    url: url.href,
    stop: () => Promise.resolve(),
    kill: refuse,
    restart: refuse,
  };
}
