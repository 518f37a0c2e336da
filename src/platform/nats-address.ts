import type { connect } from "@nats-io/transport-node";

const connectMaxMs = 5_000;
/** A server that answers none of three of these is out of reach, whatever TCP makes of it. */
const pings = { intervalMs: 1_000, unansweredMax: 3 } as const;

/** How a connection is made. The client reads no credentials out of an address. */
export function connectOptions(
  servers: readonly string[],
  name: string,
  reconnectMs: number,
): Parameters<typeof connect>[0] {
  const addresses = servers.map((server) => new URL(server));
  const { username: user, password } = addresses.find(({ username }) => username !== "") ?? {
    username: "",
    password: "",
  };
  const credentials =
    user === ""
      ? {}
      : password === ""
        ? { token: decodeURIComponent(user) }
        : { user: decodeURIComponent(user), pass: decodeURIComponent(password) };
  return {
    servers: addresses.map(({ host }) => host),
    name,
    ...credentials,
    ...(addresses.some(({ protocol }) => protocol === "tls:") ? { tls: {} } : {}),
    timeout: connectMaxMs,
    pingInterval: pings.intervalMs,
    maxPingOut: pings.unansweredMax,
    maxReconnectAttempts: -1,
    reconnectTimeWait: reconnectMs,
    ignoreAuthErrorAbort: true,
  };
}
