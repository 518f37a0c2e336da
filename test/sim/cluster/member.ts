import { Door } from "../../../shards/door.ts";
import { PolicyBook } from "../../../shards/limits/policy-book.ts";
import { TableMemory } from "../../../shards/limits/table-memory.ts";
import { Node } from "../../../shards/node.ts";
import type { Announcer } from "../../../shards/ports.ts";
import { natsBus } from "../../../src/platform/bus-nats.ts";
import { faultOf } from "../../../src/wire/fault.ts";
import { noMeter } from "../../support/node-harness.ts";
import { thresholds } from "../../support/quota-builders.ts";
import { databaseOf } from "../store/database.ts";
import type { Process } from "../time/process.ts";
import { causeText } from "./cause.ts";
import { defaults } from "./policy.ts";
import type { World } from "./world.ts";

export const shardCount = 6;
export const leaseMs = 2_000;
export const requestTimeoutMs = 2_000;
/** How long limits are fresh: a change is in force by then at the latest. */
const keepMs = 8_000;
const policyTimeoutMs = 500;

/** A node of the cluster: the code of production on models of all that is around it. */
export interface Member {
  readonly process: Process;
  readonly node: Node;
}

/** Starts a node's process. */
export function startMember(world: World, process: Process, announcer: Announcer): Member {
  const { server, nats, policy, dice, mutant } = world;
  const { clock, name } = process;
  const log = {
    info: (_: object, text: string) => {
      world.trace.note(`${name}: ${text}`);
    },
    warn: (_: object, text: string) => {
      world.trace.note(`${name}: ${text}`);
    },
    error: (fields: object, text: string) => {
      const fault = "err" in fields ? faultOf(fields.err) : null;
      world.trace.note(`${name}: ${text}: ${fault?.message ?? ""}`);
      // What lies outside makes other faults; this one is a bug.
      if (fault?.code === "INTERNAL") world.find(`${name} met a bug: ${causeText(fault)}`);
    },
  };
  const database = mutant.database(databaseOf(server, process), process);
  const memory = new TableMemory({ session: database.session("limits"), clock, log });
  const limits = new PolicyBook({
    service: policy.serviceOf(process),
    share: null,
    rules: {
      memory,
      clock,
      random: dice.fraction,
      defaults: () => defaults,
      failureMode: () => "last_known",
      timeoutMs: () => policyTimeoutMs,
      keepMs: () => keepMs,
    },
  });
  const line = nats.join(process);
  const node = new Node({
    database,
    bus: natsBus({ nats: line, clock, shardCount, stranger: () => undefined }),
    clock,
    log,
    meter: noMeter,
    tracer: null,
    snapshots: null,
    limits,
    thresholds: () => thresholds,
    newId: () => dice.uuid(),
    nodeName: name,
    alone: false,
    address: name,
    version: "simulated",
    shardCount,
    leaseMs,
    door: new Door({ waitingMax: 1_000, requestTimeoutMs }),
    // So few that keys come and go.
    actorsMax: 1,
    announcer,
    line: {
      ask: () => undefined,
      get isHeard() {
        return line.connected;
      },
    },
    prepare: () => Promise.resolve(),
  });
  node.start().catch((error: unknown) => {
    world.find(`${name} could not start: ${String(error)}`);
  });
  return { process, node };
}
