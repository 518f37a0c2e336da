import { localAnnouncer } from "../../shards/ownership/announcer.ts";
import type { Announcer, Line, Meter } from "../../shards/ports.ts";
import type { Command, Question } from "../../src/domain/command.ts";
import { instant } from "../../src/domain/instant.ts";
import type { Outcome } from "../../src/domain/outcome.ts";
import { type Bus, localBus } from "../../src/platform/bus.ts";
import type { Database } from "../../src/platform/database.ts";
import { Fault } from "../../src/wire/fault.ts";
import { shardOf } from "../../src/wire/placement.ts";
import { shardSubject } from "../../src/wire/subject.ts";
import { until } from "./node-clock.ts";
import { type Harness, harness, noMeter } from "./node-harness.ts";
import { midday } from "./quota-builders.ts";
import { rowsOf } from "./store-contract.ts";

const retryMs = 2;
/** What an edge asks again: everything here has a number, or is a question. */
const comesAgain: ReadonlySet<string> = new Set(["SHARD_UNAVAILABLE", "OUTCOME_UNKNOWN"]);
/** Who was not answered by then asks again: the owner was killed. */
const unansweredMs = 500;

/** Several nodes in one process that meet on one bus, as edges and owners do on NATS. */
export class Cluster {
  readonly database: Database;
  readonly shards: number;
  readonly bus: Bus = localBus();
  readonly announcer: Announcer = localAnnouncer();
  readonly nodes: Harness[] = [];
  /** Seconds of each shard's hand-over, of all nodes. */
  readonly pauses: number[] = [];
  /** How often a request was asked to come again. */
  retries = 0;

  constructor(database: Database, shards: number) {
    this.database = database;
    this.shards = shards;
  }

  /** A node that has started. */
  async join(name: string, line?: Line): Promise<Harness> {
    const joined = this.prepare(name, line);
    await joined.node.start();
    return joined;
  }

  /** A node that has not. @param line its line to NATS; none if not said */
  prepare(name: string, line?: Line): Harness {
    const { bus, shards } = this;
    // A node that is paused hears nothing.
    const announcer: Announcer = {
      moved: (moved, toNode) => {
        this.announcer.moved(moved, toNode);
      },
      onMoved: (listen) =>
        this.announcer.onMoved((moved, toNode) => {
          if (!made.clock.isHeld) listen(moved, toNode);
        }),
    };
    const meter: Meter = { ...noMeter, handedOver: (seconds) => this.pauses.push(seconds) };
    const made: Harness = harness(this.database, {
      ...{ name, bus, announcer, shards, meter },
      ...(line ? { line } : {}),
    });
    this.nodes.push(made);
    return made;
  }

  /** Asks whoever owns the key, as often as it is asked to come again. */
  async ask(request: Command | Question, deadlineMs = 60_000): Promise<Outcome> {
    for (;;) {
      try {
        return await answeredInTime(this.askOnce(request, deadlineMs));
      } catch (error) {
        if (!(error instanceof Fault) || !comesAgain.has(error.code)) throw error;
        this.retries += 1;
        await new Promise((resolve) => setTimeout(resolve, retryMs));
      }
    }
  }

  askOnce(request: Command | Question, deadlineMs = 60_000): Promise<Outcome> {
    const deadline = instant(midday + 86_400_000 + deadlineMs);
    const shard = shardOf(request.key, this.shards);
    return this.bus.request(shardSubject(shard), { request, deadline });
  }

  /** Who owns each shard, by number; null = nobody. */
  async owners(): Promise<readonly unknown[]> {
    const rows = await rowsOf(
      this.database,
      "select node from shards left join writers using (writer_id) order by shard",
    );
    return rows.map((row) => row["node"]);
  }

  async untilOwned(counts: Readonly<Record<string, number>>): Promise<void> {
    const wanted = JSON.stringify(counts);
    await until(`the shards are spread as ${wanted}`, async () => {
      const owners = await this.owners();
      return Object.entries(counts).every(
        ([name, count]) => owners.filter((owner) => owner === name).length === count,
      );
    });
  }

  /** What the nodes have said of their lines to NATS was so an hour ago as well. */
  async waitForReach(): Promise<void> {
    await rowsOf(
      this.database,
      "update leases set reach_since = now() - interval '1 hour' where reachable is not null",
    );
  }

  /** The node's lease passes in the tables, however often it is still prolonged meanwhile. */
  async lapse(name: string): Promise<void> {
    await until(`${name} is closed`, async () => {
      await rowsOf(
        this.database,
        `update leases set lease_until = now() - interval '1 second'
         from writers where writers.writer_id = leases.writer_id and node = $1 and closed_at is null`,
        [name],
      );
      const open = await rowsOf(
        this.database,
        `select 1 as open from shards join writers using (writer_id) where node = $1`,
        [name],
      );
      return open.length === 0;
    });
  }
}

/** The same order may be sent again whatever became of it. */
function answeredInTime(asked: Promise<Outcome>): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      reject(new Fault("SHARD_UNAVAILABLE", "the owner is silent"));
    }, unansweredMs);
    asked.then(resolve, reject).finally(() => {
      clearTimeout(timer);
    });
  });
}
