import { cureOf, type Problem } from "./setting-check.ts";
import type { Settings } from "./settings.ts";

/** What this process is; at least one. */
export interface Roles {
  /** It answers callers over HTTP, and plain asks over NATS. */
  readonly edge: boolean;
  /** It owns shards. */
  readonly shard: boolean;
}

/** @param problems takes what is wrong */
export function rolesOf(settings: Settings, problems: Problem[]): Roles {
  const named = settings.ROLES.split(",").map((role) => role.trim());
  const roles = { edge: named.includes("edge"), shard: named.includes("shard") };
  if (!named.every((role) => role === "edge" || role === "shard")) {
    const wrong = "ROLES names something else than edge and shard.";
    problems.push({ setting: "ROLES", wrong, cure: cureOf("ROLES") });
    return roles;
  }
  if (roles.edge && roles.shard) return roles;
  const [role, other] = roles.edge ? ["edge", "shard"] : ["shard", "edge"];
  const needs = (setting: "NATS_URL" | "DB_HOST", why: string): void => {
    if (settings[setting] !== undefined) return;
    problems.push({
      setting,
      wrong: `${setting} is not set, and ROLES=${role} needs it: ${why}.`,
      cure: "Set it, or set ROLES=edge,shard.",
    });
  };
  needs("NATS_URL", `it meets processes of the role ${other} there`);
  needs("DB_HOST", "an embedded Postgres is open to one process alone");
  return roles;
}
