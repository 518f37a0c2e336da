import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { connect } from "node:net";
import { setTimeout as wait } from "node:timers/promises";

/** What the neighbour was asked. */
export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
  /** The caller's end of the connection: the same port is the same connection. */
  readonly port: number;
}

/** Answers one request, well or badly; what it never ends hangs until the caller or the test goes. */
export type Behaviour = (response: ServerResponse, asked: Asked) => void | Promise<void>;

/** JSON with a status. */
export function answering(body: unknown, status = 200): Behaviour {
  return saying(JSON.stringify(body), status);
}

/** Any text with a status, said to be JSON. */
export function saying(text: string, status = 200): Behaviour {
  return (response) => {
    response.writeHead(status, { "content-type": "application/json" }).end(text);
  };
}

/** Takes the request and never says a word. */
export const hanging: Behaviour = () => undefined;

/** Says that the text will come, sends its first half, and cuts the connection. */
export function cuttingOff(text: string): Behaviour {
  return (response) => {
    response.writeHead(200, { "content-length": Buffer.byteLength(text) });
    response.write(text.slice(0, text.length / 2), () => response.destroy());
  };
}

/** Says that the text will come, sends its first half, and never the rest. */
export function stoppingHalfWay(text: string): Behaviour {
  return (response) => {
    response.writeHead(200, { "content-length": Buffer.byteLength(text) });
    response.write(text.slice(0, text.length / 2));
  };
}

/** Sends the caller elsewhere. */
export function redirecting(to: string): Behaviour {
  return (response) => {
    response.writeHead(302, { location: to }).end();
  };
}

/** One behaviour a request, over and over. */
export function inTurn(...behaviours: readonly Behaviour[]): Behaviour {
  let requests = 0;
  return (response, asked) => behaviours[requests++ % behaviours.length]?.(response, asked);
}

/** A service next to ours, over real HTTP on this machine, that behaves as the test wants it to. */
export class FakeNeighbour {
  /** All that was asked, oldest first. */
  readonly asked: Asked[] = [];
  readonly #server: Server;
  #behaviour: Behaviour = answering({});
  #port = 0;

  constructor() {
    this.#server = createServer((request, response) => {
      void this.#answer(request, response);
    });
  }

  static async start(behaviour: Behaviour): Promise<FakeNeighbour> {
    const neighbour = new FakeNeighbour();
    neighbour.behave(behaviour);
    await neighbour.comeBack();
    return neighbour;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** From the next request on. */
  behave(behaviour: Behaviour): void {
    this.#behaviour = behaviour;
  }

  /**
   * Nobody listens any more, and every connection is cut. A program that another thread is just spawning has a copy of
   * the socket until it is itself, and lets callers in: so it is over when a caller is refused.
   */
  async goAway(): Promise<void> {
    await this.#close();
    while (await this.#letsIn()) await wait(5);
  }

  /** Listens where it did before. */
  async comeBack(): Promise<void> {
    this.#server.listen(this.#port, "127.0.0.1");
    await once(this.#server, "listening");
    const address = this.#server.address();
    if (address === null || typeof address === "string") throw new Error("no port was given");
    this.#port = address.port;
  }

  /** The end, whether it is there or gone. */
  async stop(): Promise<void> {
    if (this.#server.listening) await this.#close();
  }

  async #close(): Promise<void> {
    const closed = once(this.#server, "close");
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }

  #letsIn(): Promise<boolean> {
    return new Promise((resolve) => {
      const caller = connect(this.#port, "127.0.0.1");
      caller.once("connect", () => {
        caller.destroy();
        resolve(true);
      });
      caller.once("error", ({ code }: NodeJS.ErrnoException) => {
        resolve(code !== "ECONNREFUSED");
      });
    });
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? "/", this.url);
    const body = await bodyOf(request);
    if (body === null) return;
    const asked: Asked = {
      method: request.method ?? "",
      path: url.pathname,
      query: url.searchParams,
      headers: request.headers,
      body,
      port: request.socket.remotePort ?? 0,
    };
    this.asked.push(asked);
    await this.#behaviour(response, asked);
  }
}

/** @returns null when the caller went away before its end */
async function bodyOf(request: IncomingMessage): Promise<string | null> {
  const chunks: Buffer[] = [];
  request.on("data", (chunk: Buffer) => chunks.push(chunk));
  try {
    await once(request, "end");
    return Buffer.concat(chunks).toString();
  } catch {
    return null;
  }
}
