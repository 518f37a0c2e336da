import { faultOfPostgres } from "../support/fault-postgres.ts";
import { clear, cut, type Way, type Weather } from "../support/tcp-proxy.ts";
import type { Dice } from "../sim/time/dice.ts";
import {
  edgeNames,
  type Member,
  type Neighbour,
  neighbours,
  shardNames,
  type StormCluster,
} from "./storm-cluster.ts";
import { until } from "../support/node-clock.ts";

const wishMaxMs = 60_000;

/** One thing that can go wrong. */
export interface Fault {
  readonly kind: string;
  /** Whom it befalls. What befalls one at a time is all that it has to suffer. */
  readonly subject: string;
  /** Makes it happen. @returns what ends it */
  readonly begin: (cluster: StormCluster) => Promise<() => void | Promise<void>>;
}

type Begin = (member: Member) => () => void | Promise<void>;

/** One fault of each kind, each on somebody that chance has chosen. */
export function oneOfEachKind(dice: Dice): readonly Fault[] {
  return [
    ...processFaults(dice),
    ...serverFaults,
    ...neighbours.flatMap((neighbour) => wayFaults(dice, neighbour)),
    ...clockFaults(dice),
  ];
}

function processFaults(dice: Dice): readonly Fault[] {
  const killed: Begin = (member) => {
    const gone = member.process().kill();
    return async () => {
      await gone;
      await member.start();
    };
  };
  const stopped: Begin = (member) => {
    process.kill(member.process().pid, "SIGSTOP");
    return () => {
      process.kill(member.process().pid, "SIGCONT");
    };
  };
  const restarted: Begin = (member) => {
    const gone = member.process().stop();
    return async () => {
      await gone;
      await member.start();
    };
  };
  const kinds = { "kill -9": killed, SIGSTOP: stopped, "orderly restart": restarted };
  const faults = Object.entries(kinds).flatMap(([kind, begin]) => [
    onMember(`${kind} of a shard node`, dice.oneOf(shardNames), begin),
    onMember(`${kind} of an edge`, dice.oneOf(edgeNames), begin),
  ]);
  return [...faults, drained(dice.oneOf(shardNames))];
}

/** An operator whose Postgres is away tries again until it hears, while the other faults of the round go on. */
function drained(name: string): Fault {
  const set = (cluster: StormCluster, draining: boolean): Promise<void> =>
    until(
      `the wish about ${name} is written`,
      () =>
        cluster
          .rows(
            `update leases set draining = ${String(draining)} from writers
             where writers.writer_id = leases.writer_id and node = '${name}' and closed_at is null`,
          )
          .then(
            () => true,
            () => false,
          ),
      wishMaxMs,
    );
  return {
    kind: "drain of a shard node",
    subject: name,
    begin: (cluster) => {
      const wished = set(cluster, true);
      return Promise.resolve(async () => {
        await wished;
        await set(cluster, false);
      });
    },
  };
}

const serverFaults: readonly Fault[] = [
  onServer("Postgres kill -9", "postgres", async ({ postgres }) => {
    await postgres.kill();
    return () => postgres.restart();
  }),
  onServer("Postgres shut down", "postgres", async ({ postgres }) => {
    const down = (await faultOfPostgres(postgres)).shutDown();
    // It waits for messages that are on their way, and somebody's way may be cut until later: so it is waited for then.
    down.catch(() => undefined);
    return async () => {
      await down;
      await postgres.restart();
    };
  }),
  onServer("Postgres frozen", "postgres", async ({ postgres }) => {
    const fault = await faultOfPostgres(postgres);
    fault.freeze();
    return () => {
      fault.thaw();
    };
  }),
  onServer("disk full", "postgres", ({ disk }) => {
    disk.fill();
    return Promise.resolve(() => {
      disk.free();
    });
  }),
  onServer("NATS kill -9", "nats", async ({ nats }) => {
    await nats.kill();
    return () => nats.restart();
  }),
  onServer("Redis kill -9", "redis", async ({ redis }) => {
    await redis.kill();
    return () => redis.restart();
  }),
];

function wayFaults(dice: Dice, neighbour: Neighbour): readonly Fault[] {
  const silent = (way: Way): Weather => ({ kind: "silent", ways: [way] });
  const kinds: Readonly<Record<string, Weather>> = {
    cut,
    "half dead, what is sent": silent("there"),
    "half dead, what is answered": silent("back"),
    late: { kind: "late", byMs: Math.round(dice.between(20, 800)) },
    "torn in a message sent": { kind: "torn", way: "there" },
    "torn in a message received": { kind: "torn", way: "back" },
    refused: { kind: "refused" },
  };
  // An edge keeps nothing in Postgres but its lists, so mostly it is an owner.
  return Object.entries(kinds).map(([kind, weather]) =>
    onMember(
      `${neighbour}: ${kind}`,
      dice.says(0.7) ? dice.oneOf(shardNames) : dice.oneOf(edgeNames),
      ({ ways }) => {
        ways[neighbour].turn(weather);
        return () => {
          ways[neighbour].turn(clear);
        };
      },
    ),
  );
}

function clockFaults(dice: Dice): readonly Fault[] {
  // Beyond the deadline of a request a node drops whatever it is asked; within it, nobody may notice.
  const skews = { "a little": 900, much: 300_000 };
  return Object.entries(skews).flatMap(([size, mostMs]) =>
    [shardNames, edgeNames].map((names) => {
      const byMs = Math.round(dice.between(mostMs / 10, mostMs)) * (dice.says(0.5) ? 1 : -1);
      return onMember(`clock wrong, ${size}`, dice.oneOf<string>(names), (member) => {
        member.skew(byMs);
        return () => {
          member.skew("as usual");
        };
      });
    }),
  );
}

function onMember(kind: string, subject: string, begin: Begin): Fault {
  return {
    kind,
    subject,
    begin: ({ members }) => {
      const member = members.get(subject);
      if (!member) throw new Error(`${subject} is no member`);
      return Promise.resolve(begin(member));
    },
  };
}

function onServer(kind: string, subject: Neighbour, begin: Fault["begin"]): Fault {
  return { kind, subject, begin };
}
