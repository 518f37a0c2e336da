import { setTimeout as wait } from "node:timers/promises";

import { signToken } from "../../src/platform/token.ts";
import type { DemoEvent } from "./day.ts";

const tokenSeconds = 86_400;
const againMs = 250;
const triesMax = 40;

/** What came of what was sent. */
export interface Sent {
  accepted: number;
  refused: number;
}

type Post = (
  path: string,
  headers: Readonly<Record<string, string>>,
  body: string,
) => Promise<{ readonly status: number; readonly body: unknown }>;

/** Sends what happens as the gateway does, and leaves out what follows an order that was refused. */
export class Sender {
  readonly sent: Sent = { accepted: 0, refused: 0 };
  readonly #post: Post;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #refused = new Set<string>();

  /** @param secret of the service: its tokens are signed with it */
  constructor(secret: string, post: Post) {
    const token = signToken(
      secret,
      {
        user_id: "demo",
        tenant_id: "",
        username: "demo",
        user_type: "admin",
        roles: [],
        permissions: [],
      },
      tokenSeconds,
    );
    this.#headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
    this.#post = post;
  }

  /** @throws Error when the service does not take the batch, or goes on not taking a part of it */
  async batch(events: readonly DemoEvent[]): Promise<void> {
    let open = events.filter(({ follows }) => follows === null || !this.#refused.has(follows));
    for (let tries = 0; open.length > 0; tries += 1) {
      const operations = open.map(({ operation }) => operation);
      const path = "/api/v1/quotas/batch";
      const answer = await this.#post(path, this.#headers, JSON.stringify({ operations }));
      if (answer.status !== 200) throw new Error(troubleOf(answer));
      const { results } = answer.body as {
        readonly results: readonly { readonly status: number }[];
      };
      // Nothing happened, or nobody can say: the same number again is safe.
      const isOpen = (n: number): boolean => (results[n]?.status ?? 0) >= 500;
      for (const [n, { status }] of results.entries()) {
        if (!isOpen(n)) this.#note(operations[n], status);
      }
      open = open.filter((_, n) => isOpen(n));
      if (tries === triesMax) throw new Error(troubleOf({ status: 503, body: answer.body }));
      if (open.length > 0) await wait(againMs);
    }
  }

  /** Sends one operation as a call of its own. @throws Error when the service is not there, or refuses the token */
  async one({ operation, follows }: DemoEvent): Promise<void> {
    if (follows !== null && this.#refused.has(follows)) return;
    const { op, ...body } = operation;
    const path = `/api/v1/quotas/${op}`;
    const answer = await this.#post(path, this.#headers, JSON.stringify(body));
    if (answer.status === 401) throw new Error(troubleOf(answer));
    this.#note(operation, answer.status);
  }

  #note(operation: DemoEvent["operation"] | undefined, status: number): void {
    if (status === 200) this.sent.accepted += 1;
    else {
      this.sent.refused += 1;
      const { op, merchant_id, currency, order_no } = operation ?? { op: "" };
      const isFirst = op === "consume" || op === "reserve";
      if (isFirst)
        this.#refused.add(`${String(merchant_id)} ${String(currency)} ${String(order_no)}`);
    }
  }
}

function troubleOf({ status, body }: { readonly status: number; readonly body: unknown }): string {
  if (status === 401) {
    return (
      "the service does not take a token signed with the development secret: " +
      "made-up data goes to a development service alone, one started without JWT_SECRET"
    );
  }
  return `the service answers ${status}: ${JSON.stringify(body)}`;
}
