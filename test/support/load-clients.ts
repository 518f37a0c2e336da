import { Agent, request } from "node:http";
import { setTimeout as wait } from "node:timers/promises";

import type { ExecutionContext } from "ava";

import { randomFrom } from "../../ops/random.ts";

/** A JSON object. */
export type Body = Readonly<Record<string, unknown>>;

/** What an answer says of the deed: done · refused · nobody can say · certainly nothing happened. */
export type Verdict = "applied" | "refused" | "unknown" | "nothing";

export interface Answer {
  /** null = none came. */
  readonly status: number | null;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: Body;
  readonly verdict: Verdict;
}

export type Operation = "consume" | "release" | "reserve" | "confirm" | "cancel";

/** One request for an order and what came of it. */
export interface Deed {
  readonly operation: Operation;
  readonly body: Body;
  readonly answer: Answer;
}

/** All that clients did for one order, in the order of their asking. */
export interface Story {
  readonly merchantId: string;
  readonly orderNo: string;
  readonly deeds: Deed[];
}

export const currency = "USD";

/** One caller with one connection that stays open. */
export class Client {
  readonly #url: string;
  readonly #token: string;
  readonly #answerMaxMs: number;
  readonly #agent: Agent;

  constructor(url: string, token: string, connections = 1, answerMaxMs = 15_000) {
    this.#url = url;
    this.#token = token;
    this.#answerMaxMs = answerMaxMs;
    this.#agent = new Agent({ keepAlive: true, maxSockets: connections });
  }

  get(path: string): Promise<Answer> {
    return this.#send("GET", path);
  }

  post(path: string, body: object): Promise<Answer> {
    return this.#send("POST", path, JSON.stringify(body));
  }

  /** Asks for an operation of `/api/v1/quotas`. */
  quota(operation: string, body: object): Promise<Answer> {
    return this.post(`/api/v1/quotas/${operation}`, body);
  }

  close(): void {
    this.#agent.destroy();
  }

  #send(method: string, path: string, text?: string): Promise<Answer> {
    return new Promise((resolve) => {
      const none = (): void => {
        resolve({ status: null, headers: {}, body: {}, verdict: "unknown" });
      };
      const headers: Record<string, string> = { authorization: `Bearer ${this.#token}` };
      if (text !== undefined) headers["content-type"] = "application/json";
      const asked = request(
        `${this.#url}${path}`,
        { method, headers, agent: this.#agent, timeout: this.#answerMaxMs },
        (answer) => {
          let read = "";
          answer.setEncoding("utf8");
          answer.on("data", (part: string) => (read += part));
          answer.on("error", none);
          answer.on("end", () => {
            const status = answer.statusCode ?? 0;
            const body = bodyOf(read);
            // A success without its body is no acknowledgement.
            if (!answer.complete || body === null) none();
            else resolve({ status, headers: answer.headers, body, verdict: verdictOf(status) });
          });
        },
      );
      asked.on("timeout", () => asked.destroy());
      asked.on("error", none);
      asked.end(text);
    });
  }
}

function verdictOf(status: number): Verdict {
  if (status >= 200 && status < 300) return "applied";
  if (status >= 400 && status < 500) return "refused";
  return status === 503 ? "nothing" : "unknown";
}

function bodyOf(text: string): Body | null {
  try {
    const read: unknown = JSON.parse(text);
    return typeof read === "object" && read !== null ? (read as Body) : null;
  } catch {
    return null;
  }
}

export interface LoadOptions {
  readonly url: string;
  readonly token: string;
  readonly clients: number;
  readonly merchants: readonly string[];
  /** Begins every order number, so that the orders of two loads are different ones. */
  readonly name: string;
  readonly seed: number;
  /** Ask again, with the same content, for what was not decided: as a gateway does. */
  readonly retries?: boolean;
}

export interface Load {
  /** Grows while the load runs. */
  readonly stories: readonly Story[];
  count(verdict: Verdict): number;
  answers(): readonly Answer[];
  /** Resolves when so many have been applied in all. */
  untilApplied(count: number): Promise<void>;
  /** Resolves when so many have been applied or refused in all: tight limits may be used up before so many fit. */
  untilDecided(count: number): Promise<void>;
  /** Lets every client finish what it has asked for, and ends. */
  stop(): Promise<readonly Story[]>;
}

const retryMs = 50;
const pollMs = 20;
const decidedMaxMs = 60_000;
const amountMax = 100;

/** Concurrent clients, each with its own orders: consumed, held, confirmed, cancelled, given back in slices. */
export function startLoad(t: ExecutionContext, options: LoadOptions): Load {
  const stories: Story[] = [];
  let stopping = false;
  const isStopping = (): boolean => stopping;
  t.teardown(() => {
    stopping = true;
  });
  const clients = Array.from({ length: options.clients }, (_, number) =>
    runClient(options, number, stories, isStopping),
  );
  const deeds = (): readonly Deed[] => stories.flatMap((story) => story.deeds);
  const until = async (count: number, verdicts: readonly Verdict[]): Promise<void> => {
    const deadline = performance.now() + decidedMaxMs;
    while (deeds().filter(({ answer }) => verdicts.includes(answer.verdict)).length < count) {
      if (performance.now() > deadline) {
        throw new Error(`${count} were not ${verdicts.join(" or ")} in time`);
      }
      await wait(pollMs);
    }
  };
  return {
    stories,
    count: (verdict) => deeds().filter(({ answer }) => answer.verdict === verdict).length,
    answers: () => deeds().map(({ answer }) => answer),
    untilApplied: (count) => until(count, ["applied"]),
    untilDecided: (count) => until(count, ["applied", "refused"]),
    stop: async () => {
      stopping = true;
      await Promise.all(clients);
      return stories;
    },
  };
}

async function runClient(
  options: LoadOptions,
  number: number,
  stories: Story[],
  isStopping: () => boolean,
): Promise<void> {
  const { url, token, merchants, name, retries = false } = options;
  const client = new Client(url, token, 2);
  const random = randomFrom(options.seed + number);
  const upTo = (max: number): number => 1 + Math.floor(random() * max);
  let orders = 0;

  const ask = async (story: Story, operation: Operation, more: Body): Promise<boolean> => {
    const body = { merchant_id: story.merchantId, currency, order_no: story.orderNo, ...more };
    const copies = random() < 0.1 ? 2 : 1;
    for (;;) {
      const answers = await Promise.all(
        Array.from({ length: copies }, () => client.quota(operation, body)),
      );
      for (const answer of answers) story.deeds.push({ operation, body, answer });
      if (answers.some(({ verdict }) => verdict === "applied")) return true;
      if (answers.every(({ verdict }) => verdict === "refused")) return false;
      // Also who gives up waits: clients that find nobody would else take the processor from who is ending.
      await wait(retryMs);
      if (!retries || isStopping()) return false;
    }
  };

  while (!isStopping()) {
    const merchantId = merchants[upTo(merchants.length) - 1] ?? "";
    const orderNo = `${name}-${number}-${(orders += 1)}`;
    const story: Story = { merchantId, orderNo, deeds: [] };
    stories.push(story);
    const amount = upTo(amountMax);
    let taken = amount;
    if (random() < 0.5) {
      if (!(await ask(story, "consume", { amount }))) continue;
    } else {
      if (!(await ask(story, "reserve", { amount }))) continue;
      if (random() < 0.2) {
        await ask(story, "cancel", {});
        continue;
      }
      taken = upTo(amount);
      if (!(await ask(story, "confirm", { amount: taken }))) continue;
    }
    if (random() < 0.6) {
      const slice = upTo(taken);
      const first = await ask(story, "release", { refund_no: "slice-1", amount: slice });
      if (first && slice < taken) await ask(story, "release", { refund_no: "rest" });
    }
  }
  client.close();
}
