import test from "ava";
import { once } from "node:events";
import { connect, type AddressInfo } from "node:net";

import { testApp } from "../../../support/edge-app.ts";

const unread: readonly (readonly [string, string, number])[] = [
  ["a head over 16 KiB", `GET / HTTP/1.1\r\nhost: a\r\nx: ${"x".repeat(17_000)}\r\n\r\n`, 431],
  ["what is no HTTP", "HELLO\r\n\r\n", 400],
  ["a wrong length", "POST / HTTP/1.1\r\nhost: a\r\ncontent-length: x\r\n\r\n", 400],
];

for (const [what, request, status] of unread) {
  test(`${what} is answered as a problem, and its connection closed`, async (t) => {
    const { app } = testApp();
    await app.listen({ host: "127.0.0.1", port: 0 });
    t.teardown(() => app.close());
    const { port } = app.server.address() as AddressInfo;
    const socket = connect(port, "127.0.0.1");
    const chunks: Buffer[] = [];
    socket.on("data", (chunk: Buffer) => chunks.push(chunk));

    socket.write(request);
    await once(socket, "close");

    const [head = "", body = ""] = Buffer.concat(chunks).toString().split("\r\n\r\n");
    t.true(head.startsWith(`HTTP/1.1 ${status} `), head);
    t.true(head.includes("content-type: application/problem+json; charset=utf-8"), head);
    t.true(head.includes("connection: close"), head);
    t.like(JSON.parse(body), { code: "INVALID_REQUEST", success: false, status });
  });
}
