import { type Outcome, outcomeName } from "../src/domain/outcome.ts";
import { orderKeyOf, orderRefOf } from "../src/domain/order.ts";
import type { Stretch } from "../src/platform/tracer.ts";
import type { Fault } from "../src/wire/fault.ts";
import type { Message } from "../src/wire/message.ts";
import type { Actor } from "./actor.ts";
import type { Shard } from "./shard.ts";

/**
 * A request on its way through the inbox, answered once.
 *
 *     waiting ──turn──▶ decided ──durable──▶ answered
 *        └─── fault ───────┴───── fault ───────▲
 */
export class Waiting {
  readonly shard: Shard;
  readonly message: Message;
  /** The order that the request is about; null = none. */
  readonly orderKey: string | null;
  readonly arrivedMs: number;
  /** The key's actor, if it was in memory when the request's round was gathered. */
  actor: Actor | undefined;
  /** The limits that it asks for have been fetched. */
  refreshed = false;
  /** When it had its turn; kept only where requests are traced. */
  turned: Stretch | null = null;
  readonly #onEnd: (outcome: string) => void;
  readonly #resolve: (outcome: Outcome) => void;
  readonly #reject: (fault: Fault) => void;
  #state: "waiting" | "decided" | "answered" = "waiting";

  constructor(options: {
    readonly shard: Shard;
    readonly message: Message;
    readonly arrivedMs: number;
    /** Told once, with `accepted`, `duplicate`, or the code of the refusal or fault. */
    readonly onEnd: (outcome: string) => void;
    readonly resolve: (outcome: Outcome) => void;
    readonly reject: (fault: Fault) => void;
  }) {
    this.shard = options.shard;
    this.message = options.message;
    this.orderKey = orderKeyOfRequest(options.message.request);
    this.arrivedMs = options.arrivedMs;
    this.#onEnd = options.onEnd;
    this.#resolve = options.resolve;
    this.#reject = options.reject;
  }

  get state(): "waiting" | "decided" | "answered" {
    return this.#state;
  }

  /** Its turn is over; the answer waits until what it saw is durable. */
  decided(): void {
    this.#state = "decided";
  }

  answer(outcome: Outcome): void {
    if (this.#end(outcomeName(outcome))) this.#resolve(outcome);
  }

  fail(fault: Fault): void {
    if (this.#end(fault.code)) this.#reject(fault);
  }

  /** @returns false when it was answered before */
  #end(outcome: string): boolean {
    if (this.#state === "answered") return false;
    this.#state = "answered";
    this.#onEnd(outcome);
    return true;
  }
}

function orderKeyOfRequest(request: Message["request"]): string | null {
  const { kind } = request;
  if (kind === "check" || kind === "get" || kind === "refresh") return null;
  const ref = orderRefOf(request);
  return ref === null ? null : orderKeyOf(request.key, ref);
}
