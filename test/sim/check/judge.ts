import type { Cluster } from "../cluster/cluster.ts";
import type { History } from "../cluster/history.ts";
import { shardCount } from "../cluster/member.ts";
import { keys } from "../cluster/orders.ts";
import type { World } from "../cluster/world.ts";
import { judgeCalls } from "./calls.ts";
import { judgeKey } from "./key-story.ts";
import { judgeTables } from "./replay.ts";

/** Looks at everything once a cluster has come to rest. */
export function judge(world: World, cluster: Cluster, history: History): void {
  for (const trouble of troubleOf(world, cluster)) world.find(trouble);
  judgeTables(world);
  judgeCalls(world, history);
  for (const key of keys) judgeKey(world, key, history);
}

/** Whether every shard is served and owned by who lives, and the tables have all that is durable. */
export function isAtRest(world: World, cluster: Cluster): boolean {
  return troubleOf(world, cluster).length === 0;
}

function troubleOf({ server }: World, cluster: Cluster): readonly string[] {
  const { shards, writers, journal, checkpoints } = server.tables;
  const seen = server.begin();
  const trouble: string[] = [];
  const served = [...cluster.members.values()].reduce((sum, { node }) => sum + node.shardsOwned, 0);
  if (served !== shardCount) trouble.push(`${served} of ${shardCount} shards are served`);
  for (const [, { shard, writerId }] of shards.rows(seen)) {
    const writer = writers.find(String(writerId), seen);
    if (writer?.isOpen !== true) trouble.push(`shard ${shard} is owned by nobody`);
  }
  for (const [, { writerId, seq }] of journal.rows(seen)) {
    const done = checkpoints.find(String(writerId), seen) ?? 0;
    if (seq > done) trouble.push(`I6: batch ${seq} of writer ${writerId} is not in the tables`);
  }
  return trouble;
}
