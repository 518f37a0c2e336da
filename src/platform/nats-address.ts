import type { connect } from "@nats-io/transport-node";

const connectMaxMs = 5_000;

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
    maxReconnectAttempts: -1,
    reconnectTimeWait: reconnectMs,
    ignoreAuthErrorAbort: true,
  };
}
