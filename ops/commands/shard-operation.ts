import { carryOut } from "../../shards/operators/carry-out.ts";
import type { Change } from "../../shards/operators/change.ts";
import type { ShardMove } from "../../shards/operators/layout.ts";
import type { Cluster } from "../../shards/ownership/cluster.ts";
import type { Config } from "../../src/config.ts";
import type { Clock } from "../../src/platform/clock.ts";
import type { Database } from "../../src/platform/database.ts";
import { unreachable } from "../../src/domain/unreachable.ts";
import { progressOf } from "../progress.ts";
import { Ending, refused } from "./ending.ts";
import type { Operator } from "./operator.ts";
import { asOnlyOperator } from "./operator-lock.ts";
import { viewCluster } from "./shard-list.ts";
import { changeText } from "./shard-table.ts";
import { counted, rangesText, secondsText } from "./table.ts";

export interface Surroundings {
  readonly config: Config;
  readonly database: Database;
  readonly clock: Clock;
  readonly operator: Operator;
}

/** How a change is to be made. */
export interface Terms {
  /** It was agreed to already. */
  readonly yes: boolean;
  readonly dryRun: boolean;
  /** For the shards to arrive. */
  readonly waitMs: number;
}

/** What became of a change. */
export interface Operation {
  readonly change: Change;
  /** `foreseen`: nothing was done, as was wished; `idle`: there was nothing to do. */
  readonly ended: "foreseen" | "idle" | "finished" | "unfinished";
  /** Shards that are not where the plan has them. */
  readonly left: readonly number[];
  readonly ms: number;
}

/**
 * Shows what a change will do, asks, makes it, and waits until the shards have moved. One operator at a time, from the
 * look at the cluster on: the plan that is agreed to is the one that is carried out.
 * @param title for others who find this one at it
 * @throws Ending when it is refused, nobody agrees, or another operator is at it
 */
export async function performed(
  title: string,
  make: (cluster: Cluster) => Change,
  terms: Terms,
  around: Surroundings,
): Promise<Operation> {
  if (!terms.dryRun) return asOnlyOperator(around, title, () => operate(make, terms, around));
  const { cluster } = await viewCluster(around.database.reads);
  const change = make(cluster);
  around.operator.screen.write(changeText(cluster, change));
  return { change, ended: "foreseen", left: shardsOf(change.moves), ms: 0 };
}

async function operate(
  make: (cluster: Cluster) => Change,
  terms: Terms,
  around: Surroundings,
): Promise<Operation> {
  const { database, clock, operator } = around;
  const { cluster } = await viewCluster(database.reads);
  const change = make(cluster);
  if (change.isWished && change.moves.length === 0) {
    return { change, ended: "idle", left: [], ms: 0 };
  }
  operator.screen.write(changeText(cluster, change));
  if (!change.isWished) await agreed(change, terms, operator);
  const progress = progressOf(operator.screen, clock, {
    name: change.title,
    total: change.moves.length,
    unit: "shards",
  });
  const onArrived = (shards: number): void => {
    progress.add(shards);
  };
  const { waitMs } = terms;
  const ended = await carryOut(change, { waitMs, stop: operator.stop, onArrived }, around).finally(
    () => {
      progress.end();
    },
  );
  return { change, ...ended };
}

/** @throws Ending when nobody agrees */
async function agreed({ title }: Change, { yes }: Terms, operator: Operator): Promise<void> {
  if (yes) return;
  if (!operator.canAnswer) {
    throw refused(`nobody can be asked here whether to ${title}: give --yes; nothing was changed`);
  }
  if (!(await operator.agrees("Go on?"))) throw refused("not agreed to: nothing was changed");
}

function shardsOf(moves: readonly ShardMove[]): readonly number[] {
  return moves.map(({ shard }) => shard);
}

/** What became of it, in a sentence. */
export function operationText({ change, ended, ms }: Operation): string {
  const { title, undo } = change;
  switch (ended) {
    case "foreseen":
      return "nothing was changed: --dry-run";
    case "idle":
      return `nothing to do: ${title} is so already`;
    case "finished":
      return `done in ${secondsText(ms)}: ${title}${undo === null ? "" : ` (to take it back: ${undo})`}`;
    case "unfinished":
      return `not finished: ${title}`;
    default:
      return unreachable(ended);
  }
}

/** The same for scripts; `quotactl shards --help` says what is in it. */
export function operationJson({ change, ended, left, ms }: Operation): string {
  const { title, moves, notes } = change;
  const seconds = Math.round(ms) / 1_000;
  return JSON.stringify({ action: title, ended, seconds, moves, left, notes }, null, 2);
}

/** What to do about an operation that is not finished. */
export function unfinished({ change, left, ms }: Operation): Ending {
  const { title, moves, release, undo } = change;
  const open =
    left.length === 0
      ? "the cluster has changed meanwhile, and it is not so"
      : `${left.length} of ${counted(moves.length, "shard")} still to move (${rangesText(left)})`;
  const next =
    release === null
      ? `the nodes go on with it, quotactl shards watch shows how${undo === null ? "" : `; to take it back: ${undo}`}`
      : "it was taken back, and the plan has the shard again";
  return new Ending(
    "unfinished",
    `${title} is not finished after ${secondsText(ms)}: ${open}; ${next}`,
  );
}
