/** Where the owner of a shard is asked. */
export function shardSubject(shard: number): string {
  return `quota.shard.${shard}`;
}
