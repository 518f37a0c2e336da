import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";

import type { ExecutionContext } from "ava";

/** From the one who connects to the server, and from the server. */
export type Way = "there" | "back";

/** What becomes of what is sent through a proxy. */
export type Weather =
  | { readonly kind: "clear" }
  /** Connections stay open and new ones are taken, and nothing passes in these ways until it is clear: then all does. */
  | { readonly kind: "silent"; readonly ways: readonly Way[] }
  /** All arrives, in order and so much later. */
  | { readonly kind: "late"; readonly byMs: number }
  /** Half of the next message of this way arrives, and the connection breaks. */
  | { readonly kind: "torn"; readonly way: Way }
  /** Every connection is broken, and none is taken. */
  | { readonly kind: "refused" };

/** A way to a server on which the weather is made. */
export interface TcpProxy {
  readonly port: number;
  turn(weather: Weather): void;
}

export const clear: Weather = { kind: "clear" };
/** Nothing passes, in neither way. */
export const cut: Weather = { kind: "silent", ways: ["there", "back"] };

const host = "127.0.0.1";

/** One way of one connection. */
interface Lane {
  readonly way: Way;
  readonly from: Socket;
  readonly to: Socket;
  /** Sent and not let through yet. */
  readonly late: Buffer[];
}

/** Ends with the test. */
export async function tcpProxy(t: ExecutionContext, serverPort: number): Promise<TcpProxy> {
  const lanes = new Set<Lane>();
  let weather: Weather = clear;
  const open = (lane: Lane): void => {
    const { from, to } = lane;
    lanes.add(lane);
    turn(lane, weather);
    from.on("data", (bytes) => {
      pass(lane, bytes, weather);
    });
    from.on("error", () => undefined);
    from.on("close", () => {
      lanes.delete(lane);
      to.destroySoon();
    });
  };
  const server = createServer((near) => {
    near.on("error", () => undefined);
    if (weather.kind === "refused") {
      near.resetAndDestroy();
      return;
    }
    const far = connect(serverPort, host);
    open({ way: "there", from: near, to: far, late: [] });
    open({ way: "back", from: far, to: near, late: [] });
  });
  server.listen(0, host);
  await once(server, "listening");
  t.teardown(() => {
    server.close();
    for (const { from } of lanes) from.destroy();
  });
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("it listens on a port");
  return {
    port: address.port,
    turn: (next) => {
      weather = next;
      for (const lane of lanes) turn(lane, weather);
    },
  };
}

function turn({ way, from }: Lane, weather: Weather): void {
  if (weather.kind === "refused") from.destroy();
  else if (weather.kind === "silent" && weather.ways.includes(way)) from.pause();
  else from.resume();
}

function pass({ way, from, to, late }: Lane, bytes: Buffer, weather: Weather): void {
  if (weather.kind === "torn" && weather.way === way) {
    to.end(bytes.subarray(0, bytes.length >> 1));
    from.destroy();
  } else if (weather.kind === "late" || late.length > 0) {
    late.push(bytes);
    // What was sent first goes first, whoever's timer it is.
    setTimeout(
      () => {
        const first = late.shift();
        if (first !== undefined && to.writable) to.write(first);
      },
      weather.kind === "late" ? weather.byMs : 0,
    );
  } else if (to.writable) {
    to.write(bytes);
  }
}
