import { randomBytes } from "node:crypto";

import { startContainer } from "./services-container.ts";
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
 * The first that serves: TEST_REDIS_URL, a `redis-server` on this machine, a container; else skipped, loudly.
 *
 * @param options.own for tests that kill, fill or flush: never the shared server of TEST_REDIS_URL, nor a container
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
  if (path !== undefined) {
    const server = await startLone(path, program);
    return { ...server, password, url: `redis://:${password}@${server.host}:${server.port}` };
  }
  const reason = "no TEST_REDIS_URL, no redis-server on this machine";
  return options.own === true ? skip("Redis", reason) : containedRedis(password, reason);
}

async function containedRedis(password: string, reason: string): Promise<RealRedis | Skipped> {
  const image = { name: "Redis", image: "redis:7-alpine", port: 6379, environment: {} };
  const command = ["redis-server", "--requirepass", password, "--save", "", "--appendonly", "no"];
  const ready = { readyLine: /Ready to accept connections/, readyLines: 1 };
  const server = await startContainer({ ...image, command, ...ready }, reason);
  if ("skipped" in server) return server;
  const url = new URL(`redis://:${password}@${server.host}:${server.port}`);
  return { ...givenRedis(url), stop: () => server.stop() };
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
    Promise.reject(
      new Error("a Redis that is given or in a container is not killed: ask for an own one"),
    );
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
