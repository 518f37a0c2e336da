import { createSigner } from "fast-jwt";
import type { FastifyInstance } from "fastify";
import { pino } from "pino";

import { currenciesWith } from "../../src/domain/currency.ts";
import { createApp, type AppOptions } from "../../src/edge/app.ts";
import { Pulse } from "../../src/edge/pulse.ts";
import type { Clock } from "../../src/platform/clock.ts";
import type { Row, Session, Statement } from "../../src/platform/database.ts";
import { primaryListings } from "../../src/platform/listings.ts";
import { createMetrics } from "../../src/platform/metrics.ts";
import { fakeAsk, type FakeAsk, noon } from "./edge-ask.ts";

export const secret = "a-secret-of-the-tests-with-40-characters";

/** A clock that the test moves. */
export interface TestClock extends Clock {
  nowMs: number;
}

export interface TestApp {
  readonly app: FastifyInstance;
  readonly owner: FakeAsk;
  readonly clock: TestClock;
  /** What the reads were asked, and what they answer. */
  readonly ran: { statement: Statement; values: readonly unknown[] }[];
  rows: (statement: Statement, values: readonly unknown[]) => readonly Row[];
  /** Lines of the log, parsed; not those of slow requests, which a busy machine has as well. */
  readonly logged: Record<string, unknown>[];
}

/** The edge over a fake owner and fake tables. */
export function testApp(options: Partial<AppOptions> = {}): TestApp {
  const owner = fakeAsk();
  const logged: Record<string, unknown>[] = [];
  const clock: TestClock = {
    nowMs: noon,
    now() {
      return this.nowMs as ReturnType<Clock["now"]>;
    },
    elapsedMs: () => 0,
    after: () => () => undefined,
    soon: (run) => {
      run();
    },
  };
  const write = (line: string): void => {
    const parsed = JSON.parse(line) as Record<string, unknown>;
    if (parsed["msg"] !== "slow request") logged.push(parsed);
  };
  const session: Session = {
    run: async (statement, values = []) => {
      test.ran.push({ statement, values });
      return Promise.resolve(test.rows(statement, values));
    },
  };
  let ids = 0;
  const test: TestApp = {
    owner,
    clock,
    ran: [],
    rows: () => [],
    logged,
    app: createApp({
      ask: owner.ask,
      database: {
        reads: session,
        listings: primaryListings({ read: (body) => body(session) }),
        transaction: (body) => body(session),
      },
      jwtSecret: secret,
      requestTimeoutMs: 2_000,
      rateLimitPerSecond: null,
      currencies: currenciesWith(new Map([["USDT", 6]])),
      clock,
      log: pino({ level: "info" }, { write }),
      metrics: createMetrics(),
      pulse: new Pulse(clock),
      operators: {
        plan: () => Promise.reject(new Error("no operator is expected here")),
        change: () => Promise.reject(new Error("no operator is expected here")),
      },
      health: () => Promise.resolve({ ready: true, parts: [{ name: "journal", state: "up" }] }),
      version: "0.0.0-test",
      newId: () => `request-${String(++ids)}`,
      ...options,
    }),
  };
  return test;
}

const sign = createSigner({ key: secret, algorithm: "HS256", noTimestamp: true });

/** The `authorization` header of a user; expires an hour after the tests' noon. */
export function bearer(claims: object = {}): { authorization: string } {
  const exp = noon / 1_000 + 3_600;
  const token = sign({ user_id: "user-1", user_type: "service", exp, ...claims });
  return { authorization: `Bearer ${token}` };
}
