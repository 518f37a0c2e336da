import { useLanguage } from "../language.ts";
import { momentText, ownZone } from "../moment.ts";

/** A moment in the merchant's zone, and where that is another one, in that of who looks. */
export function Times({ at, zone }: { readonly at: string; readonly zone: string }) {
  const { language } = useLanguage();
  const there = momentText(at, zone, language);
  const here = momentText(at, ownZone, language);
  return (
    <time dateTime={at} title={`${zone}: ${there}\n${ownZone}: ${here}`}>
      {there}
      {here !== there && <span class="under">{here}</span>}
    </time>
  );
}
