import { percentOf, percentText } from "../amount.ts";
import { useLanguage } from "../language.ts";

const nearPercent = 80;

/** How much of a limit is used, as a bar and in figures. */
export function Meter({
  label,
  used,
  limit,
  held = 0n,
}: {
  readonly label: string;
  readonly used: bigint;
  /** null = there is none. */
  readonly limit: bigint | null;
  /** Held on top of what is used. */
  readonly held?: bigint;
}) {
  const { language, words } = useLanguage();
  const percent = percentOf(used, limit);
  if (percent === null) {
    return (
      <span class="meter none" role="img" aria-label={`${label}: ${words.unlimited}`}>
        <span class="meter-track" />
        <span class="meter-figure" aria-hidden="true">
          ∞
        </span>
      </span>
    );
  }
  const heldTo = percentOf(used + held, limit) ?? percent;
  const state = percent >= 100 ? "full" : percent >= nearPercent ? "near" : "calm";
  const text = percentText(percent, language);
  return (
    <span class={`meter ${state}`} role="img" aria-label={`${label}: ${text}`}>
      <span class="meter-track">
        {held > 0n && <span class="meter-held" style={{ width: `${Math.min(heldTo, 100)}%` }} />}
        <span class="meter-used" style={{ width: `${Math.min(percent, 100)}%` }} />
      </span>
      <span class="meter-figure" aria-hidden="true">
        {text}
      </span>
    </span>
  );
}
