import { STATUS_CODES } from "node:http";
import type { Socket } from "node:net";

import { invalidRequest } from "../../wire/http-problem.ts";

/** What node finds wrong while it reads a head; all else is no HTTP. */
const unreadHeads: Readonly<Record<string, readonly [status: number, message: string]>> = {
  HPE_HEADER_OVERFLOW: [431, "is larger than is taken"],
  ERR_HTTP_REQUEST_TIMEOUT: [408, "did not arrive in time"],
};
const notHttp = [400, "cannot be read as HTTP"] as const;

/** Answers a request that could not be read as one, and closes its connection: what follows cannot be read either. */
export function answerUnread(
  error: Error & { readonly code?: string },
  socket: Socket,
  requestId: string,
): void {
  if (error.code === "ECONNRESET" || socket.destroyed) return;
  const [status, message] = unreadHeads[error.code ?? ""] ?? notHttp;
  const { body, mediaType } = invalidRequest([{ field: "request", message }], requestId);
  const text = JSON.stringify({ ...body, status });
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ""}`,
    `content-type: ${mediaType}; charset=utf-8`,
    `content-length: ${Buffer.byteLength(text)}`,
    `x-request-id: ${requestId}`,
    "connection: close",
  ];
  if (socket.writable) socket.write(`${head.join("\r\n")}\r\n\r\n${text}`);
  socket.destroy(error);
}
