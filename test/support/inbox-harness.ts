import { sameForAll } from "../../shards/limits/default.ts";
import { Door } from "../../shards/door.ts";
import { Inbox } from "../../shards/inbox.ts";
import type { Found, LimitsBook } from "../../shards/ports.ts";
import { Shard } from "../../shards/shard.ts";
import { Shelf } from "../../shards/shelf.ts";
import { Journal } from "../../shards/store/journal.ts";
import type { Command, Question } from "../../src/domain/command.ts";
import { instant } from "../../src/domain/instant.ts";
import { orderKeyOf } from "../../src/domain/order.ts";
import type { Outcome } from "../../src/domain/outcome.ts";
import type { Clock } from "../../src/platform/clock.ts";
import type { Tracer } from "../../src/platform/tracer.ts";
import { Fault } from "../../src/wire/fault.ts";
import { fakeClock } from "./fake-clock.ts";
import { fakeSession, quiet } from "./fake-session.ts";
import { limits, thresholds } from "./quota-builders.ts";

/** The time that a request has, as the door knows it. */
export const requestTimeoutMs = 1_000;
/** What the look-up finds of merchants that were never there. */
export const nothing: Found = { keys: new Map(), orders: new Map(), limits: new Map() };
/** An inbox over a look-up and a journal that the test answers. */
export function inboxOf(
  options: {
    readonly waitingMax?: number;
    readonly daily?: bigint;
    readonly tracer?: Pick<Tracer, "owned">;
    readonly limitsOf?: (clock: Clock) => LimitsBook;
  } = {},
) {
  const session = fakeSession();
  const clock = fakeClock();
  const shelf = new Shelf();
  const bugs: unknown[] = [];
  const asked: {
    readonly orders: readonly string[];
    readonly answer: (found: Found) => void;
    readonly fail: (error: Error) => void;
  }[] = [];
  const inForce = limits(options.daily === undefined ? {} : { daily: options.daily });
  const journal = new Journal({
    session,
    clock,
    meter: quiet.meter,
    writerId: 1n,
    onDurable: () => undefined,
    onLost: () => undefined,
  });
  const inbox = new Inbox({
    clock,
    lookup: {
      find: (_, orders) =>
        new Promise((answer, fail) => {
          asked.push({ orders, answer, fail });
        }),
      keysWithDueHolds: () => Promise.resolve([]),
    },
    shelf,
    journal,
    meter: quiet.meter,
    tracer: options.tracer ?? null,
    door: new Door({ waitingMax: options.waitingMax ?? 100, requestTimeoutMs }),
    room: () => journal.room(),
    hindrance: () => null,
    onBug: (error) => bugs.push(error),
  });
  const shard = new Shard({
    id: 1,
    epoch: 1n,
    around: {
      now: () => clock.now(),
      newId: () => "0199f0a0-0000-7000-8000-000000000000",
      limits: options.limitsOf?.(clock) ?? sameForAll(() => inForce),
      thresholds: () => thresholds,
      record: (entry) => {
        const seq = journal.record(entry);
        if (entry.result.kind === "accepted" && entry.result.order) {
          shelf.put(orderKeyOf(entry.command.key, entry.result.order.ref), entry.result.order, seq);
        }
        return seq;
      },
    },
    actorsMax: 100,
    writtenSeq: () => 0,
  });
  const said: string[] = [];
  const ask = (
    name: string,
    request: Command | Question,
    withinMs = requestTimeoutMs,
    trace?: string,
  ): void => {
    const deadline = instant(clock.now() + withinMs);
    inbox.submit(shard, { request, deadline, trace }).then(
      (outcome) => said.push(`${name}: ${wordFor(outcome)}`),
      (error: unknown) =>
        said.push(`${name}: ${error instanceof Fault ? error.code : String(error)}`),
    );
  };
  return { ask, said, asked, session, clock, inbox, shard, bugs };
}

function wordFor(outcome: Outcome): string {
  if (outcome.kind !== "accepted") return outcome.kind;
  return outcome.duplicate ? "duplicate" : `took, ${outcome.receipt.used.daily} in all`;
}
