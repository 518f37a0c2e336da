import { Command } from "commander";

import type { Config } from "../../src/config.ts";
import { systemClock } from "../../src/platform/clock.ts";
import type { HealthPart } from "./cluster-health.ts";
import { onDatabase } from "./database.ts";
import { Ending } from "./ending.ts";
import { tableText } from "./table.ts";

/** `quotactl health`: are callers served, and by what. */
export function healthCommand(config: () => Config, print: (line: string) => void): Command {
  return new Command("health")
    .description("ask Postgres, NATS, Redis and each shard node how they are")
    .option("--json", "print JSON in place of a table", false)
    .addHelpText(
      "after",
      `
--json: { status, parts: [{ name, state: "up"|"degraded"|"down", latency_ms, detail }] }; the status is the worst state.
Down is what keeps callers from being served; degraded is what they do not notice. A node whose address does not answer
from this machine is judged by its lease; one that went within the last 15 minutes is named. Exit codes: 0 up or degraded · 1 down.`,
    )
    .action(({ json }: { readonly json: boolean }) => {
      const settings = config();
      return onDatabase(settings, async (database) => {
        const { clusterHealth, worstOf } = await import("./cluster-health.ts");
        const parts = await clusterHealth(settings, database, systemClock);
        const status = worstOf(parts);
        print(
          json ? JSON.stringify({ status, parts }, null, 2) : `${healthTable(parts)}\n${status}`,
        );
        if (status !== "down") return;
        const down = parts.filter(({ state }) => state === "down").map(({ name }) => name);
        throw new Ending("failed", `not well: ${down.join(", ")}`);
      });
    });
}

function healthTable(parts: readonly HealthPart[]): string {
  return tableText(
    ["Part", "State", "Answered in", "Detail"],
    parts.map(({ name, state, latency_ms, detail }) => [
      name,
      state,
      latency_ms === null ? "" : `${latency_ms} ms`,
      detail,
    ]),
  );
}
