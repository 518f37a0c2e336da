import type { Command, Question } from "../../src/domain/command.ts";
import { instant } from "../../src/domain/instant.ts";
import type { Limits } from "../../src/domain/limits.ts";
import { minor, zero } from "../../src/domain/money.ts";
import type { Order, Receipt } from "../../src/domain/order.ts";
import type { Outcome, Standing } from "../../src/domain/outcome.ts";
import { calendarAt, perWindow, zoneOf } from "../../src/domain/period.ts";
import { emptyQuota } from "../../src/domain/quota.ts";
import { refusalOf, type RefusalCode } from "../../src/domain/refusal.ts";
import type { Ask } from "../../src/wire/message.ts";

export const noon = instant(Date.parse("2026-11-22T12:00:00Z"));

/** An owner that answers what the test says, and keeps what it was asked. */
export interface FakeAsk {
  readonly ask: Ask;
  readonly asked: (Command | Question)[];
  answer(make: (request: Command | Question) => Outcome | Promise<Outcome>): void;
}

export function fakeAsk(): FakeAsk {
  const asked: (Command | Question)[] = [];
  let make: (request: Command | Question) => Outcome | Promise<Outcome> = acceptedOutcome;
  return {
    asked,
    ask: async (request) => {
      asked.push(request);
      return make(request);
    },
    answer(next) {
      make = next;
    },
  };
}

const zone = zoneOf("UTC") ?? raise();

export function limits(of: Partial<Limits> = {}): Limits {
  return {
    singleMin: null,
    singleMax: minor(1_000_000n),
    windows: { daily: minor(100_000n), monthly: minor(1_000_000n), yearly: null },
    counts: { daily: null, monthly: null },
    maxPending: null,
    refunds: { daily: null, monthly: null },
    zone,
    source: "default",
    policyVersion: null,
    ...of,
  };
}

export function standingOf(request: Command | Question, of: Partial<Limits> = {}): Standing {
  const calendar = calendarAt(noon, zone);
  return { quota: emptyQuota(request.key, calendar, noon), limits: limits(of), calendar, at: noon };
}

export function receipt(of: Partial<Receipt> = {}): Receipt {
  return {
    logId: "0199a1de-0000-7000-8000-000000000001",
    version: 1,
    used: perWindow(() => minor(50_000n)),
    pending: minor(50_000n),
    reserved: zero,
    transactionsToday: 1,
    remaining: { daily: minor(50_000n), monthly: minor(950_000n), yearly: null },
    limitsSource: "default",
    policyVersion: null,
    ...of,
  };
}

/** What the owner says to each kind of request when all goes well. */
export function acceptedOutcome(request: Command | Question): Outcome {
  if (request.kind === "get") return { kind: "stands", standing: standingOf(request) };
  if (request.kind === "check") {
    return { kind: "checked", refusal: null, standing: standingOf(request) };
  }
  return { kind: "accepted", duplicate: false, receipt: receipt(), order: orderOf(request) };
}

export function refusedOutcome(request: Command | Question, code: RefusalCode): Outcome {
  const refusal = refusalOf(code, "no", { window: "daily", limit: 100_000n, used: 99_000n });
  return { kind: "refused", refusal, standing: standingOf(request) };
}

function orderOf(request: Command | Question): Order | null {
  if (!("orderNo" in request)) return null;
  const expiresAt = instant(noon + 900_000);
  const isHeld = ["reserve", "confirm", "cancel"].includes(request.kind);
  return {
    ref: request.orderNo,
    amount: zero,
    charged: perWindow((name) => calendarAt(noon, zone)[name].period),
    released: zero,
    settled: zero,
    hold: isHeld ? { state: "open", amount: minor(30_000n), expiresAt } : null,
    effects: [],
  };
}

function raise(): never {
  throw new Error("UTC is a zone");
}
