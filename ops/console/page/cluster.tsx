import { useEffect, useRef, useState } from "preact/hooks";

import { countText } from "../amount.ts";
import { useLanguage } from "../language.ts";
import { momentText, ownZone } from "../moment.ts";
import { useOperator } from "../operator.ts";
import { Card, Empty, Loaded } from "../part/card.tsx";
import { useRemote } from "../remote.ts";
import type { Cluster } from "../reply.ts";
import { handOversOf, type HandOver, loadsOf } from "../shard-load.ts";
import { ShardMap } from "./cluster-map.tsx";

const clusterEveryMs = 5_000;
const handOversShown = 20;

/** The nodes and their shards. Moving them is `quotactl shards`. */
export function ClusterPage() {
  const { words } = useLanguage();
  const { api } = useOperator();
  const cluster = useRemote(() => api.cluster(), "cluster", clusterEveryMs);
  const { loads, handOvers } = useChanges(cluster.value);
  return (
    <>
      <div class="title">
        <h1>{words.pages.cluster}</h1>
      </div>
      <Loaded remote={cluster}>
        {(value) => (
          <div class="cards">
            <div class="stack">
              <Nodes cluster={value} />
              <ShardMap cluster={value} loads={loads} />
            </div>
            <HandOvers handOvers={handOvers} />
          </div>
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

function Nodes({ cluster: { nodes, shards } }: { readonly cluster: Cluster }) {
  const { language, words } = useLanguage();
  const names = words.cluster;
  return (
    <Card title={names.nodes}>
      <div class="scroll" tabIndex={0} role="region" aria-label={names.nodes}>
        <table class="figures">
          <thead>
            <tr>
              <th scope="col">{names.node}</th>
              <th scope="col">{names.state}</th>
              <th scope="col">{names.shards}</th>
              <th scope="col">{names.behind}</th>
              <th scope="col">{names.version}</th>
              <th scope="col">{names.since}</th>
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
                <td>{node.alive ? (node.draining ? names.draining : names.alive) : names.gone}</td>
                <td>
                  {countText(shards.filter((each) => each.node === node.node).length, language)}
                </td>
                <td>{countText(node.behind, language)}</td>
                <td>{node.version}</td>
                <td>{momentText(node.since, ownZone, language)}</td>
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
      <p class="hint">
        {names.moveHint} <code>npx quotactl shards --help</code>
      </p>
    </Card>
  );
}
