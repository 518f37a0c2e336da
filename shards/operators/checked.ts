/** What an operator wished cannot be: nothing was changed, and the message says what can. */
export class WishRefused extends Error {
  /** Which part of the wish is the wrong one. */
  readonly field: "shard" | "node";

  constructor(field: WishRefused["field"], message: string) {
    super(message);
    this.name = "WishRefused";
    this.field = field;
  }
}

/** @throws WishRefused that names the shards there are */
export function checkedShard<T extends { readonly shard: number }>(
  wanted: number,
  shards: readonly T[],
): T {
  const found = shards.find(({ shard }) => shard === wanted);
  if (found) return found;
  const there = `the shards are 0 to ${shards.length - 1}`;
  throw new WishRefused("shard", `there is no shard ${wanted}: ${there}`);
}

/** @throws WishRefused that names the nodes that live */
export function checkedNode<T extends { readonly name: string }>(
  wanted: string,
  nodes: readonly T[],
): T {
  const found = nodes.find(({ name }) => name === wanted);
  if (found) return found;
  const living = nodes.map(({ name }) => name);
  const those = living.length === 0 ? "none lives" : `those that live are ${living.join(", ")}`;
  throw new WishRefused("node", `no node ${wanted} lives: ${those}`);
}
