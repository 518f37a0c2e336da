import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";

import type { ExecutionContext } from "ava";

/** A way to a server that can be cut: connections stay open, new ones are taken, and nothing passes until it is healed. */
export interface TcpProxy {
  readonly port: number;
  cut(): void;
  heal(): void;
}

const host = "127.0.0.1";

/** Ends with the test. */
export async function tcpProxy(t: ExecutionContext, serverPort: number): Promise<TcpProxy> {
  const sockets = new Set<Socket>();
  let isCut = false;
  const lead = (from: Socket, to: Socket): void => {
    sockets.add(from);
    if (isCut) from.pause();
    from.on("data", (bytes) => to.write(bytes));
    from.on("error", () => undefined);
    from.on("close", () => {
      sockets.delete(from);
      to.destroy();
    });
  };
  const server = createServer((near) => {
    const far = connect(serverPort, host);
    lead(near, far);
    lead(far, near);
  });
  server.listen(0, host);
  await once(server, "listening");
  t.teardown(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("it listens on a port");
  return {
    port: address.port,
    cut: () => {
      isCut = true;
      for (const socket of sockets) socket.pause();
    },
    heal: () => {
      isCut = false;
      for (const socket of sockets) socket.resume();
    },
  };
}
