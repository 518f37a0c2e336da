import { countText, percentText } from "../amount.ts";
import { useLanguage } from "../language.ts";
import type { AlertPage } from "../reply.ts";
import { type Live, ratesOf, recent } from "../use-live.ts";

const unknown = "–";

/** The four figures that are looked at first. */
export function Tiles({
  live,
  alerts,
}: {
  readonly live: Live;
  readonly alerts: AlertPage | undefined;
}) {
  const { language, words } = useLanguage();
  const beats = recent(live);
  const isKnown = beats.length > 0 && !live.isLost;
  const { accepted, refused } = ratesOf(beats);
  const all = accepted + refused;
  const latency = beats.findLast(({ latency_ms: ms }) => ms !== null)?.latency_ms ?? null;
  const critical = alerts?.items.filter(({ alert_level: level }) => level === "critical").length;
  const counted = alerts === undefined ? unknown : countText(alerts.items.length, language);
  const more = alerts?.next_cursor == null ? "" : "+";
  return (
    <dl class="tiles">
      <Tile
        name={words.overview.operations}
        value={isKnown ? countText(all, language) : unknown}
        note={words.overview.aSecond}
      />
      <Tile
        name={words.overview.refused}
        value={isKnown ? countText(refused, language) : unknown}
        note={
          isKnown && all > 0
            ? words.overview.ofAll(percentText((refused / all) * 100, language))
            : words.overview.aSecond
        }
      />
      <Tile
        name={words.overview.latency}
        value={latency && isKnown ? `${countText(latency.p99, language)} ms` : unknown}
        note={
          latency && isKnown ? words.overview.median(`${countText(latency.p50, language)} ms`) : ""
        }
      />
      <Tile
        name={words.overview.openAlerts}
        value={`${counted}${more}`}
        note={critical === undefined ? "" : words.overview.critical(countText(critical, language))}
        isBad={critical !== undefined && critical > 0}
      />
    </dl>
  );
}

function Tile({
  name,
  value,
  note,
  isBad = false,
}: {
  readonly name: string;
  readonly value: string;
  readonly note: string;
  readonly isBad?: boolean;
}) {
  return (
    <div class="tile">
      <dt>{name}</dt>
      <dd>
        <span class="figure">{value}</span>
        <span class={isBad ? "note bad" : "note"}>{note}</span>
      </dd>
    </div>
  );
}
