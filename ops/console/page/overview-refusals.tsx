import { countText } from "../amount.ts";
import { useLanguage } from "../language.ts";
import { Card, Empty } from "../part/card.tsx";
import { type Live, refusalsOf } from "../use-live.ts";

const reasonsShown = 6;

/** Why operations were refused in the last minutes. */
export function Refusals({ live: { beats } }: { readonly live: Live }) {
  const { language, words } = useLanguage();
  const reasons = refusalsOf(beats).slice(0, reasonsShown);
  const most = reasons[0]?.[1] ?? 1;
  return (
    <Card title={words.overview.refusals} lead={words.overview.liveLead}>
      {reasons.length === 0 ? (
        <Empty>{words.overview.noRefusals}</Empty>
      ) : (
        <ul class="bars">
          {reasons.map(([code, count]) => (
            <li key={code} title={code}>
              <span>{words.refusals[code] ?? code}</span>
              <span class="number">{countText(count, language)}</span>
              <span class="bar" style={{ width: `${(count / most) * 100}%` }} />
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}
