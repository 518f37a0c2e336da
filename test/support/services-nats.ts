import { join } from "node:path";

import { startContainer } from "./services-container.ts";
import { type LoneProgram, programPath, startLone } from "./services-lone.ts";
import { type Skipped, skip } from "./services-skipped.ts";

/** A real NATS server with JetStream for tests. Stop it in `test.after.always`. */
export interface RealNats {
  /** As NATS_URL takes it. */
  readonly url: string;
  /** Ends the server and removes its streams; a given server is left as it is. */
  stop(): Promise<void>;
  /** kill -9 of the server, only of one's own; its streams stay for `restart`. */
  kill(): Promise<void>;
  /** An orderly end or, after a kill, nothing; then a start on the same port and streams. */
  restart(): Promise<void>;
}

const program: LoneProgram = {
  name: "NATS",
  command: "nats-server",
  parameters: (port, folder) => [
    ...["--addr", "127.0.0.1", "--port", String(port)],
    ...["--jetstream", "--store_dir", join(folder, "streams")],
  ],
  greeting: "",
  answer: /^INFO /,
};

/** A server of its own with a configuration of `ops/nats`, whose secrets are in the environment given. */
export async function configuredNats(options: {
  readonly config: string;
  readonly environment: Readonly<Record<string, string>>;
}): Promise<RealNats | Skipped> {
  const path = programPath(program.command);
  if (path === undefined) return skip("NATS", "no nats-server on this machine");
  const { config, environment } = options;
  const server = await startLone(path, {
    ...program,
    parameters: (port, folder) => [...program.parameters(port, folder), "--config", config],
    environment,
  });
  return { ...server, url: `nats://${server.host}:${server.port}` };
}

/**
 * The first that serves: TEST_NATS_URL, a `nats-server` on this machine, a container; else skipped, loudly.
 *
 * @param options.own for tests that kill: never the shared server of TEST_NATS_URL, nor a container
 * @throws Error instead of skipping when REQUIRE_SERVICES is 1
 */
export async function realNats(
  options: { readonly own?: boolean } = {},
): Promise<RealNats | Skipped> {
  const url = process.env["TEST_NATS_URL"];
  if (url !== undefined && url !== "" && options.own !== true) return givenNats(url);
  const path = programPath(program.command);
  if (path !== undefined) {
    const server = await startLone(path, program);
    return { ...server, url: `nats://${server.host}:${server.port}` };
  }
  const reason = "no TEST_NATS_URL, no nats-server on this machine";
  return options.own === true ? skip("NATS", reason) : containedNats(reason);
}

async function containedNats(reason: string): Promise<RealNats | Skipped> {
  const image = { name: "NATS", image: "nats:2-alpine", port: 4222, environment: {} };
  const command = ["--jetstream", "--store_dir", "/tmp/streams"];
  const ready = { readyLine: /Server is ready/, readyLines: 1 };
  const server = await startContainer({ ...image, command, ...ready }, reason);
  if ("skipped" in server) return server;
  return { ...givenNats(`nats://${server.host}:${server.port}`), stop: () => server.stop() };
}

function givenNats(url: string): RealNats {
  const refuse = (): Promise<void> =>
    Promise.reject(
      new Error("a NATS that is given or in a container is not killed: ask for an own one"),
    );
  return { url, stop: () => Promise.resolve(), kill: refuse, restart: refuse };
}
