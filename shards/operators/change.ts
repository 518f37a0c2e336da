import type { Cluster } from "../ownership/cluster.ts";
import type { PlannedShard } from "../ownership/plan.ts";
import type { Session, Statement } from "../../src/platform/database.ts";
import { checkedNode, checkedShard, WishRefused } from "./checked.ts";
import {
  atRest,
  type Layout,
  movesOf,
  pinsInTheWay,
  type ShardMove,
  spreadOf,
  withDraining,
  withPins,
} from "./layout.ts";

const pinShard: Statement = {
  name: "ops_pin_shard",
  text: `update shards set pinned_node = $2 where shard = $1`,
};

const unpinShards: Statement = {
  name: "ops_unpin_shards",
  text: `update shards set pinned_node = null where shard = any($1::int[])`,
};

const drainNode: Statement = {
  name: "ops_drain_node",
  text: `
    update leases set draining = $2
    from writers
    where writers.writer_id = leases.writer_id and writers.node = $1 and writers.closed_at is null`,
};

/**
 * What an operator wants of the cluster. It is a row or two: the nodes look at these four times in a lease, make their
 * plan with it, and move the shards themselves.
 */
export interface Change {
  /** Such as `drain shard-2`. */
  readonly title: string;
  /** What moves by it, as things are now; a node that comes or goes meanwhile changes it. */
  readonly moves: readonly ShardMove[];
  /** The cluster as it will be. */
  readonly outcome: Layout;
  /** What the operator should know before agreeing. */
  readonly notes: readonly string[];
  /** The rows say so already: nothing is left to do but to wait. */
  readonly isWished: boolean;
  readonly wish: (session: Session) => Promise<void>;
  /** Whether it is so, once no shard is to move any more: a node that goes or begins anew may forget it meanwhile. */
  readonly stands: (cluster: Cluster) => boolean;
  /** Taken back once the shards have moved, and when they do not move in time. */
  readonly release: ((session: Session) => Promise<void>) | null;
  /** The command that takes it back; null = there is nothing to take back. */
  readonly undo: string | null;
}

type Made = Omit<Change, "moves" | "outcome" | "release" | "undo" | "notes"> &
  Partial<Pick<Change, "release" | "undo" | "notes">>;

function changeTo(wished: Layout, made: Made): Change {
  return {
    notes: [],
    release: null,
    undo: null,
    ...made,
    moves: movesOf(wished),
    outcome: atRest(wished),
  };
}

/** A shard stays at a node, whatever the others own, until it is unpinned. @throws WishRefused */
export function pin(cluster: Cluster, shard: number, to: string): Change {
  const { pinnedTo } = movable(cluster, shard, to);
  return changeTo(withPins(cluster, [shard], to), {
    title: `pin shard ${shard} to ${to}`,
    isWished: pinnedTo === to,
    wish: (session) => run(session, pinShard, [shard, to]),
    stands: (now) => pinOf(now, shard) === to && isAt(now, shard, to),
    undo: `quotactl shards unpin ${shard}`,
  });
}

/** A shard goes where the plan has it. @throws WishRefused */
export function unpin(cluster: Cluster, shard: number): Change {
  const { pinnedTo } = checkedShard(shard, cluster.shards);
  return changeTo(withPins(cluster, [shard], null), {
    title: `unpin shard ${shard}`,
    isWished: pinnedTo === null,
    wish: (session) => run(session, unpinShards, [[shard]]),
    stands: (now) => pinOf(now, shard) === null,
  });
}

/**
 * A shard goes to a node and may go on from there: it is pinned until it has arrived and the others have evened out,
 * and then left to the plan.
 * @throws WishRefused also when the plan would not keep it there
 */
export function move(cluster: Cluster, shard: number, to: string): Change {
  const { pinnedTo, owner } = movable(cluster, shard, to);
  const pinIt = `quotactl shards pin ${shard} --to ${to}`;
  if (pinnedTo !== null) {
    throw new WishRefused(
      "shard",
      `shard ${shard} is pinned to ${pinnedTo}: unpin it first, or pin it anew (${pinIt})`,
    );
  }
  const pinned = withPins(cluster, [shard], to);
  const afterwards = withPins(atRest(pinned), [shard], null);
  if (movesOf(afterwards).some((each) => each.shard === shard)) {
    const message = `the plan would not keep shard ${shard} at ${to}: pin it there (${pinIt})`;
    throw new WishRefused("node", message);
  }
  const isThere = owner === to;
  return changeTo(isThere ? cluster : pinned, {
    title: `move shard ${shard} to ${to}`,
    isWished: isThere,
    wish: (session) => run(session, pinShard, [shard, to]),
    stands: (now) => isAt(now, shard, to),
    release: isThere ? null : (session) => run(session, unpinShards, [[shard]]),
  });
}

/** A node gives all its shards to the others, and is given none. @throws WishRefused when nobody could take them */
export function drain(cluster: Cluster, name: string): Change {
  const { draining } = checkedNode(name, cluster.nodes);
  if (!cluster.nodes.some((node) => node.name !== name && !node.draining)) {
    const message = `no other node lives that could take the shards of ${name}: start one first`;
    throw new WishRefused("node", message);
  }
  const pins = cluster.shards.filter(({ pinnedTo }) => pinnedTo === name).length;
  return changeTo(withDraining(cluster, name, true), {
    title: `drain ${name}`,
    notes: [
      "It stays empty until it is undone or its process is started anew.",
      ...(pins > 0 ? [`${counted(pins, "shard")} pinned to it will come back to it then.`] : []),
    ],
    isWished: draining,
    wish: (session) => run(session, drainNode, [name, true]),
    stands: (now) => isDraining(now, name) && spreadOf(now).get(name) === 0,
    undo: `quotactl shards drain ${name} --undo`,
  });
}

/** A drained node gets its share again. @throws WishRefused */
export function undrain(cluster: Cluster, name: string): Change {
  const { draining } = checkedNode(name, cluster.nodes);
  return changeTo(withDraining(cluster, name, false), {
    title: `drain ${name} --undo`,
    isWished: !draining,
    wish: (session) => run(session, drainNode, [name, false]),
    stands: (now) => !isDraining(now, name),
    undo: `quotactl shards drain ${name}`,
  });
}

/**
 * Takes away the pins that keep the nodes uneven, as few as it takes. All else the nodes even out by themselves; what
 * is drained stays so.
 * @param pinsMax so many at most: each moves one shard
 */
export function rebalance(cluster: Cluster, pinsMax: number): Change {
  const inTheWay = pinsInTheWay(cluster);
  const taken = inTheWay.slice(0, pinsMax);
  const left = inTheWay.length - taken.length;
  return changeTo(withPins(cluster, taken, null), {
    title: "rebalance",
    notes: [
      ...(taken.length > 0 ? [`Unpinned will be: ${taken.join(", ")}.`] : []),
      ...(left > 0 ? [`${counted(left, "more pin")} in the way: --max-moves is ${pinsMax}.`] : []),
    ],
    isWished: taken.length === 0,
    wish: (session) => run(session, unpinShards, [taken]),
    stands: (now) => taken.every((shard) => pinOf(now, shard) === null),
  });
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

async function run(
  session: Session,
  statement: Statement,
  values: readonly unknown[],
): Promise<void> {
  await session.run(statement, values);
}

function movable(cluster: Cluster, shard: number, to: string): PlannedShard {
  if (checkedNode(to, cluster.nodes).draining) {
    const message = `${to} is drained and takes nothing: quotactl shards drain ${to} --undo`;
    throw new WishRefused("node", message);
  }
  return checkedShard(shard, cluster.shards);
}

function pinOf({ shards }: Layout, shard: number): string | null {
  return shards.find((each) => each.shard === shard)?.pinnedTo ?? null;
}

function isAt({ shards }: Layout, shard: number, node: string): boolean {
  return shards.some((each) => each.shard === shard && each.owner === node);
}

function isDraining({ nodes }: Layout, name: string): boolean {
  return nodes.some((node) => node.name === name && node.draining);
}
