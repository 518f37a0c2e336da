import { useState } from "preact/hooks";

import { countText } from "../amount.ts";
import { useLanguage } from "../language.ts";
import { useOperator } from "../operator.ts";
import { Loaded } from "../part/card.tsx";
import { ActionDialog, Preview } from "../part/dialog.tsx";
import { useRemote } from "../remote.ts";
import type { Cluster, ShardPlan, Wish } from "../reply.ts";
import { rangesText, waysOf } from "../shard-load.ts";

/** What is to be done, before it is said to which node. */
export type Intent =
  | { readonly action: "rebalance" }
  | { readonly action: "drain" | "undrain"; readonly node: string }
  | { readonly action: "move" | "pin" | "unpin"; readonly shard: number };

/** Shows what a change of the shards' owners would do, and does it only then. */
export function ChangeDialog({
  intent,
  cluster,
  onRun,
  onClose,
}: {
  readonly intent: Intent;
  readonly cluster: Cluster;
  /** Told once it is agreed to. */
  readonly onRun: (wish: Wish, plan: ShardPlan) => void;
  readonly onClose: () => void;
}) {
  const { words } = useLanguage();
  const { api } = useOperator();
  const names = words.cluster;
  const targets = targetsOf(intent, cluster);
  const [node, setNode] = useState(targets?.[0] ?? "");
  const wish: Wish = targets === null ? intent : { ...intent, node };
  const plan = useRemote(() => api.shardPlan(wish), JSON.stringify(wish));
  const verb = names.verbs[intent.action];
  return (
    <ActionDialog
      title={`${verb}${subjectOf(intent, names.shard)}`}
      confirm={verb}
      reasonLabel={null}
      isReady={plan.value !== undefined && !isIdle(plan.value)}
      onConfirm={() => {
        if (plan.value !== undefined) onRun(wish, plan.value);
        return Promise.resolve();
      }}
      onClose={onClose}
    >
      <p class="lead">{names.hints[intent.action]}</p>
      {targets !== null && (
        <label>
          {names.toNode}
          <select
            value={node}
            onChange={({ currentTarget }) => {
              setNode(currentTarget.value);
            }}
          >
            {targets.map((each) => (
              <option key={each} value={each}>
                {each}
              </option>
            ))}
          </select>
        </label>
      )}
      <Loaded remote={plan}>{(value) => <Foreseen plan={value} />}</Loaded>
    </ActionDialog>
  );
}

function Foreseen({ plan }: { readonly plan: ShardPlan }) {
  const { language, words } = useLanguage();
  const names = words.cluster;
  if (isIdle(plan)) return <p class="notice">{names.isSo}</p>;
  const count = (n: number): string => countText(n, language);
  const after = new Map(plan.after.map(({ node, shards }) => [node, shards]));
  return (
    <>
      <Preview
        effects={plan.before.map(({ node, shards }) => ({
          name: names.shardsOf(node),
          before: count(shards),
          after: count(after.get(node) ?? 0),
        }))}
      />
      {plan.moves.length === 0 ? (
        <p class="hint">{names.noMoves}</p>
      ) : (
        <ul class="ways" aria-label={names.moves(count(plan.moves.length))}>
          {waysOf(plan.moves).map(({ from, to, shards }) => (
            <li key={`${from ?? ""} ${to}`}>
              {from ?? names.nobody} → {to}: {count(shards.length)}
              <span class="under">{rangesText(shards)}</span>
            </li>
          ))}
        </ul>
      )}
    </>
  );
}

function isIdle({ is_wished: isWished, moves }: ShardPlan): boolean {
  return isWished && moves.length === 0;
}

/** Nodes that could take a shard; null = the wish names none. */
function targetsOf(intent: Intent, { nodes, shards }: Cluster): readonly string[] | null {
  if (intent.action !== "move" && intent.action !== "pin") return null;
  const owner = shards.find(({ shard }) => shard === intent.shard)?.node;
  const taking = nodes.filter(({ alive, draining }) => alive && !draining).map(({ node }) => node);
  return intent.action === "pin" ? taking : taking.filter((node) => node !== owner);
}

function subjectOf(intent: Intent, shardText: (shard: string) => string): string {
  if ("node" in intent) return `: ${intent.node}`;
  return "shard" in intent ? `: ${shardText(String(intent.shard))}` : "";
}
