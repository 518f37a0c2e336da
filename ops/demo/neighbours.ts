import { createServer, type ServerResponse } from "node:http";

import type { DemoPolicy } from "./limit.ts";

/** The services around this one, as far as the demo needs them. */
export interface DemoNeighbours {
  readonly policyUrl: string;
  readonly webhookUrls: readonly string[];
  close(): Promise<void>;
}

/**
 * Stands in for the policy service, and for two receivers of alerts, of which the second is busy every third time.
 * @param port 0 = any that is free
 */
export async function startNeighbours(
  policies: readonly DemoPolicy[],
  port: number,
): Promise<DemoNeighbours> {
  const known = new Map(policies.map((each) => [`${each.merchant_id} ${each.currency}`, each]));
  let posts = 0;
  const server = createServer((request, response) => {
    request.resume();
    const { pathname, searchParams } = new URL(request.url ?? "/", "http://demo");
    if (pathname === "/api/v1/limit-policies/effective") {
      const key = `${searchParams.get("merchant_id") ?? ""} ${searchParams.get("currency") ?? ""}`;
      const policy = known.get(key);
      answer(response, policy === undefined ? 404 : 200, policy ?? {});
    } else if (pathname === "/hooks/risk") {
      posts += 1;
      answer(response, posts % 3 === 0 ? 503 : 200, {});
    } else answer(response, pathname === "/hooks/operations" ? 200 : 404, {});
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", resolve);
  });
  const address = server.address();
  const at = typeof address === "object" && address !== null ? address.port : port;
  const url = `http://127.0.0.1:${at}`;
  return {
    policyUrl: url,
    webhookUrls: [`${url}/hooks/operations`, `${url}/hooks/risk`],
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
}

function answer(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify(body));
}
