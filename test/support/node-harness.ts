import { v7 as newId } from "uuid";

import { Door } from "../../shards/door.ts";
import { sameForAll } from "../../shards/limits/default.ts";
import { Node, type NodeOptions } from "../../shards/node.ts";
import { localAnnouncer } from "../../shards/ownership/announcer.ts";
import type { Announcer, LimitsBook, Line, Log, Meter } from "../../shards/ports.ts";
import type { Command, Question } from "../../src/domain/command.ts";
import { type Instant, instant } from "../../src/domain/instant.ts";
import type { Limits } from "../../src/domain/limits.ts";
import type { Outcome, Standing } from "../../src/domain/outcome.ts";
import { type Bus, localBus } from "../../src/platform/bus.ts";
import type { Database, Row, Session, Statement } from "../../src/platform/database.ts";
import { Fault } from "../../src/wire/fault.ts";
import { shardOf } from "../../src/wire/placement.ts";
import { shardSubject } from "../../src/wire/subject.ts";
import { hastyClock, type HastyClock } from "./node-clock.ts";
import { limits, midday, thresholds } from "./quota-builders.ts";

export const shardCount = 8;
/** So long that no test is so slow as to lose it: a test lets it pass in the tables. */
export const leaseMs = 120_000;
const askedMs = 60_000;

type Next = () => Promise<readonly Row[]>;
/** Stands between a node and its statements: may delay, fail or drop them. */
export type Meddle = (statement: Statement, next: Next) => Promise<readonly Row[]>;

/** A node with all that a test needs to drive it. */
export interface Harness {
  readonly name: string;
  readonly node: Node;
  readonly clock: HastyClock;
  readonly faults: readonly Fault[];
  /** What the log was told, texts only. */
  readonly said: readonly string[];
  readonly ask: (request: Command | Question, deadlineMs?: number) => Promise<Outcome>;
  readonly standing: (request: Question) => Promise<Standing>;
  /** Changes what becomes of the node's statements from now on. */
  readonly meddle: (meddle: Meddle) => void;
  /** The process is gone: no timer runs, no statement is sent or answered any more. */
  readonly kill: () => void;
}

const living = new Set<Harness>();

/** Ends the nodes that a test left behind, so that they do not meddle with the next one. */
export function killAll(): void {
  for (const each of living) each.kill();
  living.clear();
}

interface Wanted {
  readonly name?: string;
  readonly shards?: number;
  readonly limits?: Limits;
  readonly actorsMax?: number;
  readonly waitingMax?: number;
  /** Where several nodes of a cluster meet; its own if not said. */
  readonly bus?: Bus;
  readonly announcer?: Announcer;
  readonly meter?: Meter;
  /** Its line to NATS; none if not said. */
  readonly line?: Line;
  /** The wall time of its start; midday of an ordinary day if not said. */
  readonly beginsAt?: Instant;
}

/** Builds a node on a database, not started yet. */
export function harness(database: Database, wanted: Wanted = {}): Harness {
  const clock = hastyClock(wanted.beginsAt ?? midday);
  const said: string[] = [];
  const faults: Fault[] = [];
  let dead = false;
  let die = (): void => undefined;
  const death = new Promise<never>((_, reject) => {
    die = () => {
      reject(new Error("the process is gone"));
    };
  });
  death.catch(() => undefined);
  let meddling: Meddle = (_, next) => next();
  const bus = wanted.bus ?? localBus();
  const count = wanted.shards ?? shardCount;
  const inForce = wanted.limits ?? limits();
  const options: NodeOptions = {
    database: meddled(
      database,
      (statement, next) =>
        dead ? never() : meddling(statement, () => unlessDead(next, () => dead)),
      death,
    ),
    bus,
    clock,
    log: logInto(said, faults),
    meter: wanted.meter ?? noMeter,
    tracer: null,
    snapshots: null,
    limits: bookOf(inForce),
    thresholds: () => thresholds,
    newId,
    nodeName: wanted.name ?? "node-a",
    alone: false,
    address: "here",
    version: "test",
    shardCount: count,
    leaseMs,
    door: new Door({ waitingMax: wanted.waitingMax ?? 10_000, requestTimeoutMs: askedMs }),
    actorsMax: wanted.actorsMax ?? 100_000,
    prepare: () => Promise.resolve(),
    announcer: wanted.announcer ?? localAnnouncer(),
    line: wanted.line ?? null,
  };
  const node = new Node(options);
  const ask = (request: Command | Question, deadlineMs = askedMs): Promise<Outcome> =>
    bus.request(shardSubject(shardOf(request.key, count)), {
      request,
      deadline: instant(clock.now() + deadlineMs),
    });
  const made: Harness = {
    name: options.nodeName,
    node,
    clock,
    faults,
    said,
    ask,
    standing: async (request) => standingOf(await ask(request)),
    meddle: (next) => {
      meddling = next;
    },
    kill: () => {
      dead = true;
      die();
      clock.die();
    },
  };
  living.add(made);
  return made;
}

function bookOf(inForce: Limits): LimitsBook {
  return sameForAll(() => inForce);
}

function standingOf(outcome: Outcome): Standing {
  if ("standing" in outcome) return outcome.standing;
  throw new Error(`${outcome.kind} tells nothing of what stands`);
}

export const noMeter: Meter = {
  operation: () => undefined,
  queueWaited: () => undefined,
  turnsTaken: () => undefined,
  journalWaited: () => undefined,
  journalCommitted: () => undefined,
  checkpointWritten: () => undefined,
  alertRaised: () => undefined,
  epochChanged: () => undefined,
  handedOver: () => undefined,
};

/** Keeps the texts and the faults that the log is told. */
export function logInto(said: string[], faults: Fault[] = []): Log {
  const keep = (fields: object, text: string): void => {
    said.push(text);
    if ("err" in fields && fields.err instanceof Fault) faults.push(fields.err);
  };
  return { info: keep, warn: keep, error: keep };
}

export function never<T>(): Promise<T> {
  return new Promise(() => undefined);
}

async function unlessDead(next: Next, isDead: () => boolean): Promise<readonly Row[]> {
  const rows = await next();
  return isDead() ? never() : rows;
}

/** The database with something between. @param death rejects when transactions end as those of a process that died */
export function meddled(
  database: Database,
  meddle: Meddle,
  death: Promise<never> = never(),
): Database {
  const between = (session: Session): Session => ({
    run: (statement, values) => meddle(statement, () => session.run(statement, values)),
  });
  return {
    kind: database.kind,
    durability: database.durability,
    session: (purpose) => between(database.session(purpose)),
    reads: between(database.reads),
    listings: database.listings,
    transaction: (body) =>
      database.transaction((session) => Promise.race([body(between(session)), death])),
    migrate: (apply) => database.migrate(apply),
    close: () => database.close(),
  };
}
