import { connect } from "node:net";

export interface RawAnswer {
  /** null = the connection was cut without one. */
  readonly status: number | null;
  readonly text: string;
  readonly closedAfterMs: number;
}

/** Sends bytes as they are, and reads until the server closes the connection. */
export function rawRequest(
  port: number,
  bytes: string | Buffer,
  waitMaxMs = 30_000,
): Promise<RawAnswer> {
  const startedMs = performance.now();
  return new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1");
    let text = "";
    const end = (): void => {
      clearTimeout(overdue);
      const status = /^HTTP\/1\.1 (\d{3})/.exec(text)?.[1];
      resolve({
        status: status === undefined ? null : Number(status),
        text,
        closedAfterMs: performance.now() - startedMs,
      });
    };
    const overdue = setTimeout(() => {
      socket.destroy();
      reject(new Error(`the server did not close the connection in ${waitMaxMs} ms: ${text}`));
    }, waitMaxMs);
    socket.setEncoding("latin1");
    socket.on("data", (part) => {
      text += String(part);
    });
    // A server that refuses a request before it has read it resets what is still being sent.
    socket.on("error", () => undefined);
    socket.on("close", end);
    socket.on("connect", () => {
      socket.write(bytes);
    });
  });
}

/** A request whose head and body are given; the connection is closed after it. */
export function post(
  path: string,
  token: string,
  body: string | Buffer,
  headers: readonly string[] = [],
): Buffer {
  const bytes = Buffer.from(body);
  const head = [
    `POST ${path} HTTP/1.1`,
    "host: localhost",
    "connection: close",
    `authorization: Bearer ${token}`,
    ...(headers.some((each) => each.startsWith("content-type:"))
      ? []
      : ["content-type: application/json"]),
    `content-length: ${bytes.byteLength}`,
    ...headers,
  ];
  return Buffer.concat([Buffer.from(`${head.join("\r\n")}\r\n\r\n`), bytes]);
}
