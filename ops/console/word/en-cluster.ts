/** @param count as it is shown */
function counted(count: string, noun: string): string {
  return `${count} ${noun}${count === "1" ? "" : "s"}`;
}

/** Words of the cluster page. */
export const cluster = {
  nodes: "Nodes",
  node: "Node",
  state: "State",
  shards: "Shards",
  behind: "Rows behind",
  version: "Version",
  since: "since",
  alive: "serves",
  draining: "is emptied",
  gone: "lease has passed",
  map: "Shards",
  mapLead: "By owner; the stronger the colour, the more changes",
  nobody: "nobody",
  owned: (node: string, shards: string, load: string) =>
    `${node}: ${counted(shards, "shard")}, ${counted(load, "change")} a second`,
  cell: (shard: string, epoch: string, keys: string, load: string) =>
    `Shard ${shard}, epoch ${epoch}, ${counted(keys, "key")}, ${counted(load, "change")} a second`,
  pinned: (node: string) => `Pinned to ${node}`,
  handOvers: "Hand-overs",
  handOversLead: "Since this page was opened",
  noHandOvers: "No shard has changed its owner.",
  shard: (shard: string) => `Shard ${shard}`,
  wish: "Change",
  verbs: {
    rebalance: "Rebalance",
    drain: "Drain",
    undrain: "Take back",
    move: "Move",
    pin: "Pin",
    unpin: "Unpin",
  },
  hints: {
    rebalance:
      "The nodes even out by themselves, but for pins. Those that keep them uneven are taken away, as few as it takes.",
    drain:
      "The others get its shards. It stays empty until that is taken back or it is started anew.",
    undrain: "It gets its share again.",
    move: "The shard is brought there, mostly in exchange for another; later it goes where the plan has it.",
    pin: "The shard is brought there and kept there while the node lives.",
    unpin: "The shard is left to the plan again.",
  },
  toNode: "To node",
  isSo: "It is so already: there is nothing to do.",
  noMoves: "No shard moves by it.",
  moves: (count: string) => `${counted(count, "shard")} will move`,
  shardsOf: (node: string) => `Shards of ${node}`,
  running: (arrived: string, total: string) => `${arrived} of ${total} shards have moved…`,
  finished: (total: string, seconds: string) =>
    `is done: ${counted(total, "shard")} moved in ${counted(seconds, "second")}.`,
  unfinished: (left: string) =>
    `is not finished: ${counted(left, "shard")} on the way. The nodes go on with it; a move was taken back.`,
  chosen: "Chosen shard",
  choose: "Choose a shard in the map.",
  owner: "Owner",
  pinnedTo: "Pinned to",
  epoch: "Epoch",
  keys: "Keys",
  load: "Changes a second",
};
