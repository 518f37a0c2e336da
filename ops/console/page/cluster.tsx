import { useEffect, useRef, useState } from "preact/hooks";

import { countText } from "../amount.ts";
import { useLanguage } from "../language.ts";
import { momentText, ownZone } from "../moment.ts";
import { useOperator } from "../operator.ts";
import { Card, Empty, Loaded } from "../part/card.tsx";
import { useRemote } from "../remote.ts";
import type { Cluster } from "../reply.ts";
import { handOversOf, type HandOver, loadsOf } from "../shard-load.ts";
import { ChangeDialog, type Intent } from "./cluster-change.tsx";
import { ShardMap } from "./cluster-map.tsx";
import { RunNotice, useRun } from "./cluster-run.tsx";
import { ChosenShard } from "./cluster-shard.tsx";

const clusterEveryMs = 5_000;
/** While shards move. */
const runEveryMs = 1_000;
const handOversShown = 20;

/** The nodes and their shards, and what operators wish of them. */
export function ClusterPage() {
  const { words } = useLanguage();
  const { api } = useOperator();
  const [chosen, setChosen] = useState<number | null>(null);
  const [intent, setIntent] = useState<Intent | null>(null);
  const [looks, setLooks] = useState(0);
  const { run, begin } = useRun(() => {
    setLooks((last) => last + 1);
  });
  const isBusy = run !== null && run.ended === null;
  const cluster = useRemote(
    () => api.cluster(),
    "cluster",
    isBusy ? runEveryMs : clusterEveryMs,
    looks,
  );
  const { loads, handOvers } = useChanges(cluster.value);
  return (
    <>
      <div class="title">
        <h1>{words.pages.cluster}</h1>
        <button
          type="button"
          disabled={isBusy}
          onClick={() => {
            setIntent({ action: "rebalance" });
          }}
        >
          {words.cluster.verbs.rebalance}
        </button>
      </div>
      <Loaded remote={cluster}>
        {(value) => (
          <>
            {run !== null && <RunNotice run={run} cluster={value} />}
            <div class="cards">
              <div class="stack">
                <Nodes cluster={value} isBusy={isBusy} onIntent={setIntent} />
                <ShardMap cluster={value} loads={loads} chosen={chosen} onChoose={setChosen} />
              </div>
              <div class="stack">
                <ChosenShard
                  cluster={value}
                  chosen={chosen}
                  load={loads.get(chosen ?? -1) ?? 0}
                  isBusy={isBusy}
                  onIntent={setIntent}
                />
                <HandOvers handOvers={handOvers} />
              </div>
            </div>
            {intent !== null && (
              <ChangeDialog
                intent={intent}
                cluster={value}
                onRun={begin}
                onClose={() => {
                  setIntent(null);
                }}
              />
            )}
          </>
        )}
      </Loaded>
    </>
  );
}

/** What differs between this look and the one before. */
function useChanges(cluster: Cluster | undefined) {
  const before = useRef<Cluster | undefined>(undefined);
  const [loads, setLoads] = useState<ReadonlyMap<number, number>>(new Map());
  const [handOvers, setHandOvers] = useState<readonly HandOver[]>([]);
  useEffect(() => {
    const { current: last } = before;
    before.current = cluster;
    if (last === undefined || cluster === undefined || last === cluster) return;
    setLoads(loadsOf(last, cluster));
    const more = handOversOf(last, cluster);
    if (more.length > 0) setHandOvers((known) => [...more, ...known].slice(0, handOversShown));
  }, [cluster]);
  return { loads, handOvers };
}

function Nodes({
  cluster: { nodes, shards },
  isBusy,
  onIntent,
}: {
  readonly cluster: Cluster;
  readonly isBusy: boolean;
  readonly onIntent: (intent: Intent) => void;
}) {
  const { language, words } = useLanguage();
  const names = words.cluster;
  return (
    <Card title={names.nodes}>
      <div class="scroll" tabIndex={0} role="region" aria-label={names.nodes}>
        <table class="figures stacked">
          <thead>
            <tr>
              <th scope="col">{names.node}</th>
              <th scope="col">{names.state}</th>
              <th scope="col">{names.shards}</th>
              <th scope="col">{names.behind}</th>
              <th scope="col">{names.version}</th>
              <th scope="col">
                <span class="unseen">{names.wish}</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {nodes.map((node) => (
              <tr key={`${node.node} ${node.since}`}>
                <th scope="row">
                  <span class={`dot inline ${node.alive ? "good" : "critical"}`} />
                  {node.node}
                  <span class="under">{node.address}</span>
                </th>
                <td data-label={names.state}>
                  {node.alive ? (node.draining ? names.draining : names.alive) : names.gone}
                </td>
                <td data-label={names.shards}>
                  {countText(shards.filter((each) => each.node === node.node).length, language)}
                </td>
                <td data-label={names.behind}>{countText(node.behind, language)}</td>
                <td data-label={names.version}>
                  <span>
                    {node.version}
                    <span class="under">
                      {names.since} {momentText(node.since, ownZone, language)}
                    </span>
                  </span>
                </td>
                <td>
                  {node.alive && (
                    <button
                      type="button"
                      disabled={isBusy}
                      onClick={() => {
                        onIntent({ action: node.draining ? "undrain" : "drain", node: node.node });
                      }}
                    >
                      {names.verbs[node.draining ? "undrain" : "drain"]}
                      <span class="unseen"> {node.node}</span>
                    </button>
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Card>
  );
}

function HandOvers({ handOvers }: { readonly handOvers: readonly HandOver[] }) {
  const { language, words } = useLanguage();
  const names = words.cluster;
  return (
    <Card title={names.handOvers} lead={names.handOversLead}>
      {handOvers.length === 0 ? (
        <Empty>{names.noHandOvers}</Empty>
      ) : (
        <ul class="list">
          {handOvers.map(({ shard, from, to, epoch, at }) => (
            <li key={`${shard} ${epoch}`}>
              <span class="what">
                <span class="name">{names.shard(String(shard))}</span>
                <span class="under">
                  {from ?? names.nobody} → {to ?? names.nobody}
                </span>
              </span>
              <time dateTime={at}>{momentText(at, ownZone, language)}</time>
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}
