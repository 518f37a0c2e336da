import { countText } from "../amount.ts";
import { useLanguage } from "../language.ts";
import { Card, Empty } from "../part/card.tsx";
import { Pairs } from "../part/pairs.tsx";
import type { Cluster } from "../reply.ts";
import type { Intent } from "./cluster-change.tsx";

/** The shard that was chosen in the map, and what can be done with it. */
export function ChosenShard({
  cluster: { shards, nodes },
  chosen,
  load,
  isBusy,
  onIntent,
}: {
  readonly cluster: Cluster;
  readonly chosen: number | null;
  /** Changes a second. */
  readonly load: number;
  readonly isBusy: boolean;
  readonly onIntent: (intent: Intent) => void;
}) {
  const { language, words } = useLanguage();
  const names = words.cluster;
  const shard = shards.find((each) => each.shard === chosen);
  if (shard === undefined) {
    return (
      <Card title={names.chosen}>
        <Empty>{names.choose}</Empty>
      </Card>
    );
  }
  const count = (n: number): string => countText(n, language);
  const { shard: number, epoch, keys, node, pinned_node: pinned } = shard;
  const living = nodes.filter(({ alive, draining }) => alive && !draining).length;
  const verbs = [
    ...(pinned === null && living > 1 ? (["move"] as const) : []),
    pinned === null ? ("pin" as const) : ("unpin" as const),
  ];
  return (
    <Card title={names.shard(String(number))}>
      <Pairs
        rows={[
          [names.owner, node ?? names.nobody],
          [names.pinnedTo, pinned ?? "–"],
          [names.epoch, count(epoch)],
          [names.keys, count(keys)],
          [names.load, count(load)],
        ]}
      />
      <div class="row actions">
        {verbs.map((action) => (
          <button
            key={action}
            type="button"
            disabled={isBusy}
            onClick={() => {
              onIntent({ action, shard: number });
            }}
          >
            {names.verbs[action]}
          </button>
        ))}
      </div>
    </Card>
  );
}
