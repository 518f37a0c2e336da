import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { rename } from "node:fs/promises";
import { finished } from "node:stream/promises";

import type { Row } from "../../src/platform/database.ts";
import {
  closePolicies,
  declarePolicies,
  fetchPolicies,
  hasTiers,
  tiersDefined,
  tiersNamed,
} from "./policy-sql.ts";
import type { Source } from "./source.ts";

/** What was exported for the policy service. */
export interface PoliciesExported {
  readonly file: string;
  readonly tiers: number;
  readonly merchants: number;
}

/**
 * Writes tiers and custom limits for the policy service, one tier or merchant a line:
 *
 *     { "format": "merchant-limit-service policies", "version": 1, "currency": "USD",
 *       "tiers": [ { "tier_id": "…", "merchants": 12, "definition": { the row of merchant_tiers } or null } ],
 *       "merchants": [ { "merchant_id": "…", "tier_id": "…" or null, "limits": { "daily_limit": 500000 } } ] }
 *
 * Amounts are the old service's, in minor units. The file has its name only when it is whole.
 * @throws Error when the file cannot be written
 */
export async function exportPolicies(
  source: Source,
  currency: string,
  file: string,
): Promise<PoliciesExported> {
  const unfinished = `${file}.unfinished`;
  // Limits of merchants are nobody else's business.
  const out = createWriteStream(unfinished, { mode: 0o600 });
  const ended = finished(out);
  // A failed write is thrown where `ended` is awaited.
  ended.catch(() => undefined);
  const write = async (text: string): Promise<void> => {
    if (!out.write(text)) await Promise.race([once(out, "drain"), ended]);
  };
  const head = { format: "merchant-limit-service policies", version: 1, currency };
  await write(`${JSON.stringify(head).slice(0, -1)},\n"tiers": [`);
  const tiers = await tierRows(source);
  await write(listed(tiers.map(tierText), true));
  await write('],\n"merchants": [');
  let merchants = 0;
  await source.session.run(declarePolicies);
  for (;;) {
    const rows = await source.session.run(fetchPolicies);
    if (rows.length === 0) break;
    await write(listed(rows.map(merchantText), merchants === 0));
    merchants += rows.length;
  }
  await source.session.run(closePolicies);
  await write("]}\n");
  out.end();
  await ended;
  await rename(unfinished, file);
  return { file, tiers: tiers.length, merchants };
}

async function tierRows({ session }: Source): Promise<readonly Row[]> {
  const [tiers] = await session.run(hasTiers);
  return session.run(tiers?.["there"] === true ? tiersDefined : tiersNamed);
}

function listed(items: readonly string[], isFirst: boolean): string {
  if (items.length === 0) return "";
  return `${isFirst ? "" : ","}\n${items.join(",\n")}`;
}

/** The definition and the limits are JSON as Postgres wrote it: no number of theirs passes through a float. */
function tierText({ tier_id: id, merchants, definition }: Row): string {
  return `{"tier_id": ${JSON.stringify(id)}, "merchants": ${String(merchants)}, "definition": ${typeof definition === "string" ? definition : "null"}}`;
}

function merchantText({ merchant_id: id, tier_id: tier, limits }: Row): string {
  return `{"merchant_id": ${JSON.stringify(id)}, "tier_id": ${JSON.stringify(tier)}, "limits": ${String(limits)}}`;
}
