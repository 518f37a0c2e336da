import { Outbox, type DeliveryResult } from "../../shards/outbox/outbox.ts";
import type { AlertTarget, Tried } from "../../src/clients/alert-target.ts";
import type { Database, Row, Session } from "../../src/platform/database.ts";
import type { AlertEvent } from "../../src/wire/event.ts";
import { type FakeClock, fakeClock } from "./fake-clock.ts";
import { settled } from "./fake-session.ts";
import { until } from "./node-clock.ts";
import { logInto } from "./node-harness.ts";
import { rowsOf } from "./store-contract.ts";

/** A target of the test's making. */
export interface FakeTarget extends AlertTarget {
  /** What it was told, in this order, tries that failed included. */
  readonly told: AlertEvent[];
  /** What it says from now on. */
  answer: (alert: AlertEvent) => Tried | Promise<Tried>;
}

export function fakeTarget(name: string): FakeTarget {
  const target: FakeTarget = {
    name,
    channel: "webhook",
    told: [],
    answer: () => ({ kind: "delivered" }),
    tell: async (alert) => {
      target.told.push(alert);
      return target.answer(alert);
    },
  };
  return target;
}

export const notNow: Tried = { kind: "again", reason: "answered 500", retryAfterMs: null };

/** An outbox whose time the test moves. */
export interface OutboxHarness {
  readonly outbox: Outbox;
  readonly clock: FakeClock;
  readonly results: readonly DeliveryResult[];
  readonly said: readonly string[];
  /** Time passes: one look, and all that comes of it. */
  readonly pass: (ms?: number) => Promise<void>;
  /** Time passes, look by look. */
  readonly passUntil: (what: string, holds: () => boolean, everyMs?: number) => Promise<void>;
}

export function outboxHarness(
  database: Database,
  targets: readonly AlertTarget[],
  clock: FakeClock = fakeClock(),
): OutboxHarness {
  let busy = 0;
  const counted = async <T>(work: Promise<T>): Promise<T> => {
    busy += 1;
    try {
      return await work;
    } finally {
      busy -= 1;
    }
  };
  const inner = database.session("outbox");
  const session: Session = { run: (statement, values) => counted(inner.run(statement, values)) };
  const results: DeliveryResult[] = [];
  const said: string[] = [];
  const outbox = new Outbox({
    session,
    clock,
    log: logInto(said),
    targets: targets.map((target) => ({ ...target, tell: (alert) => counted(target.tell(alert)) })),
    onDelivery: (_, result) => results.push(result),
    random: () => 0.5,
  });
  const pass = async (ms = 1_000): Promise<void> => {
    await clock.advance(ms);
    await until("the outbox is idle", async () => {
      await settled();
      return busy === 0;
    });
  };
  const passUntil = async (what: string, holds: () => boolean, everyMs = 1_000): Promise<void> => {
    for (let looks = 0; !holds(); looks += 1) {
      if (looks > 2_000) throw new Error(`it never came that ${what}`);
      await pass(everyMs);
    }
  };
  outbox.start();
  return { outbox, clock, results, said, pass, passUntil };
}

export function deliveriesOf(database: Database): Promise<readonly Row[]> {
  return rowsOf(
    database,
    "select target, state, attempts, last_error from alert_deliveries order by alert_at, alert_id, target",
  );
}
