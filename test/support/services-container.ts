import { type Skipped, skip } from "./services-skipped.ts";

/** A server that a public image has. */
export interface ServerImage {
  /** Of the service, for people. */
  readonly name: string;
  readonly image: string;
  /** On which it listens in the container. */
  readonly port: number;
  readonly environment: Readonly<Record<string, string>>;
  readonly command: readonly string[];
  /** What it logs when it serves, and how many times by then. */
  readonly readyLine: RegExp;
  readonly readyLines: number;
}

/** Such a server, running. Its processes are not of this machine: it cannot be killed or frozen by their numbers. */
export interface ContainedServer {
  readonly host: string;
  readonly port: number;
  /** Ends and removes the container. */
  stop(): Promise<void>;
}

const startMaxMs = 60_000;

/**
 * The last that may serve: a container, where an engine answers and has the image or can fetch it; else skipped, loudly.
 *
 * @param reason what was looked for before
 * @throws Error instead of skipping when REQUIRE_SERVICES is 1
 */
export async function startContainer(
  server: ServerImage,
  reason: string,
): Promise<ContainedServer | Skipped> {
  // Loaded here alone: where the programs are, nobody waits for it.
  const { GenericContainer, Wait } = await import("testcontainers");
  try {
    const container = await new GenericContainer(server.image)
      .withEnvironment(server.environment)
      .withCommand([...server.command])
      .withExposedPorts(server.port)
      .withWaitStrategy(Wait.forLogMessage(server.readyLine, server.readyLines))
      .withStartupTimeout(startMaxMs)
      .start();
    return {
      host: container.getHost(),
      port: container.getMappedPort(server.port),
      stop: async () => {
        await container.stop();
      },
    };
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    return skip(server.name, `${reason}, and no container of ${server.image}: ${detail}`);
  }
}
