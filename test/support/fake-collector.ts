import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

import type { ExecutionContext } from "ava";
import { type Static, Type } from "typebox";
import { Value } from "typebox/value";

const spanSchema = Type.Object({
  traceId: Type.String(),
  spanId: Type.String(),
  parentSpanId: Type.Optional(Type.String()),
  name: Type.String(),
  startTimeUnixNano: Type.String(),
  endTimeUnixNano: Type.String(),
  attributes: Type.Array(
    Type.Object({ key: Type.String(), value: Type.Record(Type.String(), Type.Unknown()) }),
  ),
  status: Type.Object({ code: Type.Number() }),
});
const requestSchema = Type.Object({
  resourceSpans: Type.Array(
    Type.Object({
      scopeSpans: Type.Array(Type.Object({ spans: Type.Array(spanSchema) })),
    }),
  ),
});

/** A span as the protocol prints it. */
export type SentSpan = Static<typeof spanSchema>;

/** A collector of traces (OTLP over HTTP) that keeps what it is sent. */
export interface FakeCollector {
  readonly url: string;
  readonly spans: readonly SentSpan[];
  /** Paths that were asked. */
  readonly paths: readonly string[];
  named(name: string): SentSpan | undefined;
}

/** @param status of its answers; null = it accepts and says nothing */
export async function fakeCollector(
  t: ExecutionContext,
  status: number | null = 200,
): Promise<FakeCollector> {
  const spans: SentSpan[] = [];
  const paths: string[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      paths.push(request.url ?? "");
      const body: unknown = JSON.parse(Buffer.concat(chunks).toString());
      if (status === 200) spans.push(...spansOf(body));
      if (status !== null) {
        response.writeHead(status, { "content-type": "application/json" }).end("{}");
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.teardown(() => {
    server.close();
    server.closeAllConnections();
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    spans,
    paths,
    named: (name) => spans.find((span) => span.name === name),
  };
}

function spansOf(body: unknown): readonly SentSpan[] {
  if (!Value.Check(requestSchema, body)) throw new Error("not a request of the protocol");
  return body.resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans));
}

/** The value of an attribute, whatever its type. */
export function attribute(span: SentSpan | undefined, name: string): unknown {
  const value = span?.attributes.find(({ key }) => key === name)?.value ?? {};
  return Object.values(value)[0];
}
