import { countText } from "../amount.ts";
import { useLanguage } from "../language.ts";
import { Card, Loaded } from "../part/card.tsx";
import type { Remote } from "../remote.ts";
import type { Health } from "../reply.ts";

const tones: Readonly<Record<string, string>> = {
  up: "good",
  degraded: "warning",
  down: "critical",
};

/** How each part of the process is that answers. */
export function HealthParts({ health }: { readonly health: Remote<Health> }) {
  const { language, words } = useLanguage();
  return (
    <Card title={words.overview.parts}>
      <Loaded remote={health}>
        {({ parts, version }) => (
          <>
            <ul class="list">
              {parts.map(({ name, state, detail, latency_ms: ms }) => (
                <li key={name}>
                  <span class={`dot ${tones[state] ?? "warning"}`} aria-hidden="true" />
                  <span class="what">
                    <span class="name">{words.parts[name] ?? name}</span>
                    {detail !== undefined && <span class="under">{detail}</span>}
                  </span>
                  <span class="side">
                    {words.states[state] ?? state}
                    {ms !== undefined && <span class="under">{countText(ms, language)} ms</span>}
                  </span>
                </li>
              ))}
            </ul>
            <p class="hint">{version}</p>
          </>
        )}
      </Loaded>
    </Card>
  );
}
