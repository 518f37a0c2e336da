import { sweepResets } from "../../../shards/jobs/reset-sweep.ts";
import { databaseOf } from "../store/database.ts";
import type { Process } from "../time/process.ts";
import { calm } from "../net/nats.ts";
import type { Cluster } from "./cluster.ts";
import { shardCount } from "./member.ts";
import { natsTroubles } from "./nats-trouble.ts";
import { keys } from "./orders.ts";
import { type World, zones } from "./world.ts";

const restMs = [100, 1_800] as const;
const names = ["node-a", "node-b", "node-c", "node-d"] as const;
/** At least so many nodes live, or are on their way. */
const membersMin = 2;

/** Everything that goes wrong, or is done to a cluster, from time to time; and then all of it is over. */
export class Trouble {
  readonly #world: World;
  readonly #cluster: Cluster;
  readonly #kinds: readonly (() => Promise<void>)[];
  /** How often each kind happened. */
  readonly counts = new Map<string, number>();
  #isOver = false;

  constructor(world: World, cluster: Cluster) {
    this.#world = world;
    this.#cluster = cluster;
    this.#kinds = [
      this.#crash,
      this.#crash,
      this.#leave,
      this.#pause,
      this.#pause,
      this.#losePostgres,
      this.#slowPostgres,
      this.#slowPostgres,
      this.#resets,
      this.#serverCrash,
      this.#edgeCrash,
      this.#pin,
      this.#drain,
      this.#newPolicy,
      this.#policyAway,
      this.#clocks,
      this.#sweep,
      ...natsTroubles({
        world,
        processes: () => cluster.processes,
        note: (kind) => {
          this.#note(kind);
        },
      }),
    ];
  }

  async live(untilMs: number): Promise<void> {
    const { agenda, dice } = this.#world;
    while (agenda.nowMs < untilMs) {
      await this.#world.sleep(dice.between(...restMs));
      if (agenda.nowMs >= untilMs) break;
      void dice.oneOf(this.#kinds)();
    }
    this.#end();
  }

  /** All that is broken is mended. */
  #end(): void {
    this.#isOver = true;
    const { nats, server, policy } = this.#world;
    this.#note("calm");
    nats.weather = calm;
    policy.isAway = false;
    server.restart();
    for (const process of this.#cluster.processes) {
      process.resume();
      nats.heal(process);
      server.lineOf(process).heal();
      server.lineOf(process).lags = 0;
    }
    for (const name of names.slice(0, membersMin)) {
      if (!this.#cluster.members.has(name)) this.#cluster.start(name);
    }
  }

  #note(kind: string): void {
    this.#world.trace.note(`trouble: ${kind}`);
    const what = kind.split(" ")[0] ?? kind;
    this.counts.set(what, (this.counts.get(what) ?? 0) + 1);
  }

  #member(): string {
    return this.#world.dice.oneOf([...this.#cluster.members.keys(), ...names]);
  }

  async #lasts(leastMs: number, mostMs: number): Promise<void> {
    await this.#world.sleep(this.#world.dice.between(leastMs, mostMs));
  }

  #someProcess(): Process {
    return this.#world.dice.oneOf(this.#cluster.processes);
  }

  readonly #crash = async (): Promise<void> => {
    const name = this.#member();
    this.#note(`crash ${name}`);
    this.#cluster.kill(name);
    await this.#lasts(50, 4_000);
    if (!this.#cluster.members.has(name) && !this.#isOver) this.#cluster.start(name);
  };

  readonly #leave = async (): Promise<void> => {
    const name = this.#member();
    if (this.#cluster.members.size <= membersMin) return;
    this.#note(`leave ${name}`);
    await this.#cluster.stop(name);
    await this.#lasts(500, 6_000);
    if (!this.#cluster.members.has(name) && !this.#isOver) this.#cluster.start(name);
  };

  readonly #pause = async (): Promise<void> => {
    const process = this.#someProcess();
    this.#note(`pause ${process.name}`);
    process.pause();
    await this.#lasts(20, 6_000);
    process.resume();
  };

  readonly #losePostgres = async (): Promise<void> => {
    const process = this.#someProcess();
    const { server, dice } = this.#world;
    this.#note(`no-postgres ${process.name}`);
    server.lineOf(process).cut();
    if (dice.says(0.3)) server.reset(process);
    await this.#lasts(20, 6_000);
    server.lineOf(process).heal();
  };

  /** Some of its connections stand still, others not. */
  readonly #slowPostgres = async (): Promise<void> => {
    const process = this.#someProcess();
    const line = this.#world.server.lineOf(process);
    this.#note(`slow-postgres ${process.name}`);
    line.lags = this.#world.dice.between(0.02, 0.3);
    await this.#lasts(500, 5_000);
    line.lags = 0;
  };

  readonly #resets = (): Promise<void> => {
    const process = this.#someProcess();
    this.#note(`reset ${process.name}`);
    this.#world.server.reset(process);
    return Promise.resolve();
  };

  readonly #serverCrash = async (): Promise<void> => {
    if (this.#world.server.isDown) return;
    this.#note("postgres-crash");
    this.#world.server.crash();
    await this.#lasts(20, 2_500);
    this.#world.server.restart();
  };

  readonly #edgeCrash = (): Promise<void> => {
    this.#note("edge-crash");
    this.#cluster.killEdge(this.#world.dice.below(this.#cluster.edges.length));
    return Promise.resolve();
  };

  /** An operator wants a shard on a node, or anywhere again. */
  readonly #pin = (): Promise<void> => {
    const { server, dice } = this.#world;
    const key = String(dice.below(shardCount));
    const pinnedTo = dice.says(0.7) ? dice.oneOf(names) : null;
    this.#note(`pin ${key} ${pinnedTo ?? ""}`);
    return server.operate(async ({ shards }, transaction) => {
      const row = await transaction.lock(shards, key, "update");
      if (row) await transaction.write(shards, key, { ...row, pinnedTo });
    });
  };

  /** An operator has a node emptied, or fills it again. */
  readonly #drain = (): Promise<void> => {
    const { server, dice } = this.#world;
    const name = dice.oneOf(names);
    const draining = dice.says(0.6);
    this.#note(`drain ${name} ${draining}`);
    return server.operate(async ({ writers, leases }, transaction) => {
      for (const [writerId, { node }] of [...writers.rows(transaction)]) {
        const lease = leases.find(writerId, transaction);
        if (node !== name || !lease || !transaction.locksNow(leases, writerId)) continue;
        await transaction.write(leases, writerId, { ...lease, draining });
      }
    });
  };

  readonly #newPolicy = (): Promise<void> => {
    const { policy, dice } = this.#world;
    const key = dice.oneOf(keys);
    this.#note(`policy ${key.text}`);
    policy.change(key, dice.says(0.15) ? dice.oneOf(zones) : policy.zoneOf(key));
    if (dice.says(0.7)) {
      for (const { process, node } of this.#cluster.members.values()) {
        process.hears(1, () => {
          node.limitsChanged(key.merchantId, null);
        });
      }
    }
    return Promise.resolve();
  };

  readonly #policyAway = async (): Promise<void> => {
    this.#note("policy-away");
    this.#world.policy.isAway = true;
    await this.#lasts(500, 5_000);
    this.#world.policy.isAway = false;
  };

  /** A clock goes wrong, of a process or of the database, until somebody sets it right. */
  readonly #clocks = async (): Promise<void> => {
    const { dice, server } = this.#world;
    const byMs = Math.floor(dice.between(-3_000, 3_000));
    const process = this.#someProcess();
    const shift = (ms: number): void => {
      if (isServer) server.shiftClock(ms);
      else process.shiftWall(ms);
    };
    const isServer = dice.says(0.3);
    this.#note(`clock ${isServer ? "postgres" : process.name} ${byMs}`);
    shift(byMs);
    await this.#lasts(500, 6_000);
    shift(-byMs);
  };

  /** The job that turns periods beside the owners, at any time and by a clock that may be wrong. */
  readonly #sweep = async (): Promise<void> => {
    this.#note("sweep");
    const process = this.#world.process("job");
    const session = databaseOf(this.#world.server, process).session("jobs");
    const log = { info: () => undefined, warn: () => undefined, error: () => undefined };
    const { signal } = new AbortController();
    await sweepResets({ session, log, now: process.clock.now(), signal }).catch(() => undefined);
    process.die();
  };
}
