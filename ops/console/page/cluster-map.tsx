import { countText } from "../amount.ts";
import { useLanguage } from "../language.ts";
import { Card } from "../part/card.tsx";
import type { Cluster } from "../reply.ts";

/** Steps of colour from idle to the busiest. */
const shades = 5;
/** A change in ten seconds is no load that is worth a strong colour. */
const leastLoad = 0.1;

/** Every shard in the field of its owner, the darker the more its keys change. */
export function ShardMap({
  cluster: { shards },
  loads,
  chosen,
  onChoose,
}: {
  readonly cluster: Cluster;
  /** Changes a second; empty before a second look. */
  readonly loads: ReadonlyMap<number, number>;
  readonly chosen: number | null;
  readonly onChoose: (shard: number) => void;
}) {
  const { language, words } = useLanguage();
  const names = words.cluster;
  const most = Math.max(leastLoad, ...loads.values());
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
            <ul aria-label={summary} onKeyDown={walk}>
              {owned.map(({ shard, epoch, keys, pinned_node: pinned }, n) => {
                const own = loads.get(shard) ?? 0;
                const shade = Math.ceil((own / most) * shades);
                const title = names.cell(
                  String(shard),
                  String(epoch),
                  countText(keys, language),
                  countText(own, language),
                );
                const whole = pinned === null ? title : `${title}. ${names.pinned(pinned)}`;
                const isEntry = owned.some((each) => each.shard === chosen)
                  ? shard === chosen
                  : n === 0;
                return (
                  <li key={shard} class={`shade-${shade}${pinned === null ? "" : " pinned"}`}>
                    <button
                      type="button"
                      title={whole}
                      aria-label={whole}
                      aria-pressed={shard === chosen}
                      tabIndex={isEntry ? 0 : -1}
                      onClick={() => {
                        onChoose(shard);
                      }}
                    />
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

/** Arrows go from cell to cell, so that the whole map is one stop for the tab key. */
function walk(event: KeyboardEvent): void {
  const list = event.currentTarget as HTMLElement;
  const columns = getComputedStyle(list).gridTemplateColumns.split(" ").length;
  const steps: Readonly<Record<string, number>> = {
    ArrowLeft: -1,
    ArrowRight: 1,
    ArrowUp: -columns,
    ArrowDown: columns,
  };
  const step = steps[event.key];
  if (step === undefined) return;
  event.preventDefault();
  const cells = [...list.querySelectorAll("button")];
  cells[cells.findIndex((cell) => cell === document.activeElement) + step]?.focus();
}
