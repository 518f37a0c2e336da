import type { Command, Question } from "../../../src/domain/command.ts";
import { type Outcome } from "../../../src/domain/outcome.ts";
import { orderRefOf } from "../../../src/domain/order.ts";
import { unreachable } from "../../../src/domain/unreachable.ts";
import { type Fault, faultOf } from "../../../src/wire/fault.ts";
import { causeText } from "./cause.ts";
import type { Edge } from "./edge.ts";
import type { Call, History, Said } from "./history.ts";
import type { Orders } from "./orders.ts";
import type { World } from "./world.ts";

const thinkMs = [40, 550] as const;
const againMs = [50, 400] as const;
/** A refusal is the truth once nothing that was sent before can still be on its way. */
const certainAfterMs = 12_000;
const doubtMs = 2_000;
/** Sends the same twice at once: a gateway of two processes, or an impatient user. */
const twiceShare = 0.1;

/** A caller: sends orders, and each again until it knows what became of it. */
export class Gateway {
  readonly #world: World;
  readonly #edges: () => readonly Edge[];
  readonly #history: History;
  readonly #orders: Orders;
  /** What it does not know the outcome of yet. */
  open: string | null = null;
  /** It has asked all that it will ever ask, and knows what became of it. */
  isDone = false;

  constructor(world: World, edges: () => readonly Edge[], history: History, orders: Orders) {
    this.#world = world;
    this.#edges = edges;
    this.#history = history;
    this.#orders = orders;
  }

  async live(untilMs: number): Promise<void> {
    const { agenda, dice } = this.#world;
    while (agenda.nowMs < untilMs) {
      await this.#world.sleep(dice.between(...thinkMs));
      const request = this.#orders.next();
      this.open = `${request.kind} ${request.key.text}`;
      const times = dice.says(twiceShare) ? 2 : 1;
      await Promise.all(Array.from({ length: times }, () => this.#settle(request)));
      this.open = null;
    }
    this.isDone = true;
  }

  /** Asks until it is known what became of a request that may be sent again. */
  async #settle(request: Command | Question): Promise<void> {
    const { agenda, dice } = this.#world;
    let doubtedMs: number | null = null;
    for (;;) {
      const { said } = await this.#call(request);
      if (!mayRepeat(request)) return;
      if (said?.kind === "accepted" || said?.kind === "stands") return;
      if (said?.kind === "refused") {
        if (doubtedMs === null || agenda.nowMs - doubtedMs > certainAfterMs) return;
        await this.#world.sleep(doubtMs);
        continue;
      }
      if (said?.kind === "unknown") doubtedMs = agenda.nowMs;
      await this.#world.sleep(dice.between(...againMs));
    }
  }

  async #call(request: Command | Question): Promise<Call> {
    const { agenda, dice, trace, archive } = this.#world;
    const call = this.#history.begin(request, agenda.nowMs);
    const about = `${call.id} ${request.kind} ${request.key.text} ${"orderNo" in request ? request.orderNo : ""}`;
    trace.note(`asks ${about}`);
    call.said = await dice.oneOf(this.#edges()).call(call.request).then(saidOf, this.#saidBy);
    call.answeredMs = agenda.nowMs;
    trace.note(`told ${about}: ${wordOf(call.said)}`);
    const { said } = call;
    if (said.kind === "accepted" && !archive.isDurable(said.receipt.logId)) {
      this.#world.find(`I2: ${about} is acknowledged and not durable`);
    }
    const seen = said.kind === "stands" || said.kind === "refused" ? said.standing.quota : null;
    if (seen && seen.version > archive.versionOf(request.key.text)) {
      this.#world.find(`I2: ${about} tells of version ${seen.version}, which is not durable`);
    }
    return call;
  }

  readonly #saidBy = (error: unknown): Said => {
    const fault: Fault = faultOf(error);
    if (fault.code === "OUTCOME_UNKNOWN") return { kind: "unknown" };
    if (fault.code === "INTERNAL")
      this.#world.find(`a caller was told of a bug: ${causeText(fault)}`);
    return { kind: "nothing", code: fault.code, reason: fault.message };
  };
}

function saidOf(outcome: Outcome): Said {
  switch (outcome.kind) {
    case "accepted":
      return { kind: "accepted", duplicate: outcome.duplicate, receipt: outcome.receipt };
    case "refused":
      return { kind: "refused", code: outcome.refusal.code, standing: outcome.standing };
    case "checked":
    case "stands":
      return { kind: "stands", standing: outcome.standing };
    default:
      return unreachable(outcome);
  }
}

function wordOf(said: Said): string {
  if (said.kind === "accepted") {
    return `${said.duplicate ? "duplicate" : "accepted"} v${said.receipt.version}`;
  }
  if (said.kind === "nothing") return `${said.code}, ${said.reason}`;
  return "code" in said ? `${said.kind} ${said.code}` : said.kind;
}

function mayRepeat(request: Command | Question): boolean {
  const { kind } = request;
  if (kind === "check" || kind === "get" || kind === "refresh") return true;
  return orderRefOf(request) !== null;
}
