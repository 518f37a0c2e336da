import { useState } from "preact/hooks";

import { ApiFault } from "../api.ts";
import { countText } from "../amount.ts";
import { useLanguage } from "../language.ts";
import { useOperator } from "../operator.ts";
import { FaultText } from "../part/card.tsx";
import type { Cluster, ShardChange, ShardPlan, Wish } from "../reply.ts";

/** A change that this page has begun. */
export interface Run {
  readonly plan: ShardPlan;
  /** null = it is on its way. */
  readonly ended: ShardChange | ApiFault | null;
}

/** Begins changes, one at a time, and knows how far the last one is. */
export function useRun(onEnd: () => void): {
  readonly run: Run | null;
  readonly begin: (wish: Wish, plan: ShardPlan) => void;
} {
  const { api } = useOperator();
  const [run, setRun] = useState<Run | null>(null);
  return {
    run,
    begin: (wish, plan) => {
      setRun({ plan, ended: null });
      api
        .shardChange(wish, plan.plan)
        .catch((error: unknown) =>
          error instanceof ApiFault ? error : new ApiFault("BROKEN", String(error)),
        )
        .then((ended) => {
          setRun({ plan, ended });
          onEnd();
        }, onEnd);
    },
  };
}

/** How far a change is, and what became of it. */
export function RunNotice({ run, cluster }: { readonly run: Run; readonly cluster: Cluster }) {
  const { language, words } = useLanguage();
  const names = words.cluster;
  const { plan, ended } = run;
  const total = plan.moves.length;
  const owners = new Map(cluster.shards.map(({ shard, node }) => [shard, node]));
  const arrived =
    ended === null ? plan.moves.filter(({ shard, to }) => owners.get(shard) === to).length : total;
  const count = (n: number): string => countText(n, language);
  const isBad = ended instanceof ApiFault || (ended !== null && ended.ended === "unfinished");
  return (
    <div class={isBad ? "notice critical" : "notice"} role="status">
      <strong>{plan.title}</strong>{" "}
      {ended === null ? (
        <>
          {names.running(count(arrived), count(total))}
          <progress aria-label={plan.title} max={Math.max(total, 1)} value={arrived} />
        </>
      ) : ended instanceof ApiFault ? (
        <FaultText fault={ended} />
      ) : ended.ended === "unfinished" ? (
        names.unfinished(count(ended.left.length))
      ) : (
        names.finished(count(total), count(ended.seconds))
      )}
    </div>
  );
}
