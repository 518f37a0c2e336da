import { countText } from "../amount.ts";
import { useLanguage } from "../language.ts";
import { Card } from "../part/card.tsx";
import type { Cluster } from "../reply.ts";

/** Steps of colour from idle to the busiest. */
const shades = 5;

/** Every shard in the field of its owner, the darker the more its keys change. */
export function ShardMap({
  cluster: { shards },
  loads,
}: {
  readonly cluster: Cluster;
  /** Changes a second; empty before a second look. */
  readonly loads: ReadonlyMap<number, number>;
}) {
  const { language, words } = useLanguage();
  const names = words.cluster;
  const most = Math.max(1, ...loads.values());
  const owners = [...new Set(shards.map(({ node }) => node))].sort((a, b) =>
    (a ?? "").localeCompare(b ?? ""),
  );
  return (
    <Card title={names.map} lead={names.mapLead}>
      {owners.map((owner) => {
        const owned = shards.filter(({ node }) => node === owner);
        const name = owner ?? names.nobody;
        const load = owned.reduce((sum, { shard }) => sum + (loads.get(shard) ?? 0), 0);
        const summary = names.owned(
          name,
          countText(owned.length, language),
          countText(load, language),
        );
        return (
          <figure key={name} class="map">
            <figcaption>{summary}</figcaption>
            <ul aria-label={summary}>
              {owned.map(({ shard, epoch, keys, pinned_node: pinned }) => {
                const own = loads.get(shard) ?? 0;
                const shade = Math.ceil((own / most) * shades);
                const title = names.cell(
                  String(shard),
                  String(epoch),
                  countText(keys, language),
                  countText(own, language),
                );
                return (
                  <li
                    key={shard}
                    class={`shade-${shade}${pinned === null ? "" : " pinned"}`}
                    title={pinned === null ? title : `${title}\n${names.pinned(pinned)}`}
                  >
                    <span class="unseen">{title}</span>
                  </li>
                );
              })}
            </ul>
          </figure>
        );
      })}
    </Card>
  );
}
