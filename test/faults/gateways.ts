import { setTimeout as wait } from "node:timers/promises";

import type { ExecutionContext } from "ava";

import { Dice } from "../sim/time/dice.ts";
import {
  type Answer,
  type Body,
  Client,
  currency,
  type Operation,
} from "../support/load-clients.ts";

/** One request and its answer, with the times at which this process sent the one and had the other. */
export interface Observed {
  readonly answer: Answer;
  readonly sentMs: number;
  readonly answeredMs: number;
}

/** What a gateway wants done once: asked again, with the same content, until it is decided. */
export interface Intent {
  readonly merchantId: string;
  readonly orderNo: string;
  readonly operation: Operation;
  readonly body: Body;
  /** One or more; those that were sent at once overlap. */
  readonly observed: Observed[];
}

export interface GatewayOptions {
  /** Where the edges are at this moment. */
  readonly urls: () => readonly string[];
  readonly token: string;
  readonly count: number;
  /** For whom orders come in at this moment. */
  readonly merchants: () => readonly string[];
  readonly seed: number;
}

/** The platform's gateways: orders that are taken, held, confirmed, cancelled and given back in slices. */
export interface Gateways {
  /** Grows while they run. */
  readonly intents: readonly Intent[];
  /** Resolves when so many more have been decided. */
  untilDecided(more: number): Promise<void>;
  /** No new orders, and each waits for the decision on its last. @throws Error if one has none in time */
  stop(): Promise<void>;
}

const gatewayTimeoutMs = 4_000;
const thinkMs = { least: 10, most: 100 } as const;
const retryMs = { least: 20, most: 300 } as const;
const amountMax = 100;
const doubledOften = 0.1;
const decidedMaxMs = 90_000;
const pollMs = 50;

export function startGateways(t: ExecutionContext, options: GatewayOptions): Gateways {
  const intents: Intent[] = [];
  let decided = 0;
  let stopping = false;
  let abandoned = false;
  t.teardown(() => {
    stopping = true;
    abandoned = true;
  });
  const state: State = {
    options,
    intents,
    isStopping: () => stopping,
    isAbandoned: () => abandoned,
    decided: () => (decided += 1),
  };
  const running = Array.from({ length: options.count }, (_, number) => live(state, number));
  return {
    intents,
    untilDecided: async (more) => {
      const wanted = decided + more;
      const deadline = performance.now() + decidedMaxMs;
      while (decided < wanted) {
        if (performance.now() > deadline) {
          throw new Error(
            `${wanted - decided} of ${more} calls were not decided in ${decidedMaxMs} ms`,
          );
        }
        await wait(pollMs);
      }
    },
    stop: async () => {
      stopping = true;
      const late = wait(decidedMaxMs, "late", { ref: false });
      if ((await Promise.race([Promise.all(running), late])) === "late") {
        const open = intents.filter(({ observed }) => !observed.some(isDecision));
        throw new Error(`never decided: ${open.map(({ orderNo }) => orderNo).join(", ")}`);
      }
    },
  };
}

interface State {
  readonly options: GatewayOptions;
  readonly intents: Intent[];
  readonly isStopping: () => boolean;
  readonly isAbandoned: () => boolean;
  readonly decided: () => void;
}

/** Done or refused, and not: come again, or nobody knows. */
export function isDecision({ answer: { verdict } }: Observed): boolean {
  return verdict === "applied" || verdict === "refused";
}

async function live(state: State, number: number): Promise<void> {
  const dice = new Dice(state.options.seed + number);
  const edges = new Edges(state.options, number);
  for (let order = 1; !state.isStopping(); order += 1) {
    const merchants = state.options.merchants();
    // The first of them most often.
    const merchantId = merchants[Math.floor(merchants.length * dice.fraction() ** 2)] ?? "";
    await tellOrder(state, edges, dice, { merchantId, orderNo: `G${number}-${order}` });
    await wait(dice.between(thinkMs.least, thinkMs.most));
  }
  edges.close();
}

/** The life of one order. */
async function tellOrder(
  state: State,
  edges: Edges,
  dice: Dice,
  order: Pick<Intent, "merchantId" | "orderNo">,
): Promise<void> {
  const upTo = (most: number): number => 1 + dice.below(most);
  const ask = async (operation: Operation, more: Body): Promise<boolean> => {
    const content = { merchant_id: order.merchantId, currency, order_no: order.orderNo, ...more };
    const intent: Intent = { ...order, operation, body: content, observed: [] };
    state.intents.push(intent);
    const isDone = await askUntilDecided(state, edges, dice, intent);
    await wait(dice.between(thinkMs.least, thinkMs.most));
    return isDone;
  };
  const amount = upTo(amountMax);
  let taken = amount;
  if (dice.says(0.5)) {
    if (!(await ask("consume", { amount }))) return;
  } else {
    if (!(await ask("reserve", { amount }))) return;
    if (dice.says(0.2)) {
      await ask("cancel", {});
      return;
    }
    taken = upTo(amount);
    if (!(await ask("confirm", { amount: taken }))) return;
  }
  if (!dice.says(0.6)) return;
  const slice = upTo(taken);
  const first = await ask("release", { refund_no: "slice-1", amount: slice });
  if (first && slice < taken) await ask("release", { refund_no: "rest" });
}

/** @returns whether it was done */
async function askUntilDecided(
  state: State,
  edges: Edges,
  dice: Dice,
  { operation, body, observed }: Intent,
): Promise<boolean> {
  const copies = dice.says(doubledOften) ? 2 : 1;
  for (;;) {
    const asked = Array.from({ length: copies }, async () => {
      const client = edges.next();
      const sentMs = performance.now();
      const answer = await client.quota(operation, body);
      observed.push({ answer, sentMs, answeredMs: performance.now() });
    });
    await Promise.all(asked);
    const decisions = observed.filter(isDecision);
    if (decisions.length > 0) {
      state.decided();
      return decisions.some(({ answer }) => answer.verdict === "applied");
    }
    if (state.isAbandoned()) return false;
    await wait(dice.between(retryMs.least, retryMs.most));
  }
}

/** One gateway's connections: to one edge, and after trouble, or for a copy, to the other. */
class Edges {
  readonly #options: GatewayOptions;
  readonly #clients = new Map<string, Client>();
  #turn: number;

  constructor(options: GatewayOptions, number: number) {
    this.#options = options;
    this.#turn = number;
  }

  next(): Client {
    const urls = this.#options.urls();
    for (const [url, client] of this.#clients) {
      if (urls.includes(url)) continue;
      client.close();
      this.#clients.delete(url);
    }
    this.#turn += 1;
    const url = urls[this.#turn % urls.length] ?? "";
    const known = this.#clients.get(url);
    if (known) return known;
    const client = new Client(url, this.#options.token, 4, gatewayTimeoutMs);
    this.#clients.set(url, client);
    return client;
  }

  close(): void {
    for (const client of this.#clients.values()) client.close();
  }
}
