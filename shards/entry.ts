import type { Command } from "../src/domain/command.ts";
import type { AlertRaised, Fact } from "../src/domain/fact.ts";
import type { Instant } from "../src/domain/instant.ts";
import type { Limits } from "../src/domain/limits.ts";
import type { Order } from "../src/domain/order.ts";
import type { Calendar } from "../src/domain/period.ts";
import type { Quota } from "../src/domain/quota.ts";
import type { RefusalCode } from "../src/domain/refusal.ts";

/** What one turn leaves in the journal: an accepted change with the states after it, or an audited refusal. */
export interface Entry {
  readonly logId: string;
  readonly shard: number;
  readonly command: Command;
  readonly at: Instant;
  readonly limits: Limits;
  readonly calendar: Calendar;
  /** In the periods that run at the turn. */
  readonly before: Quota;
  readonly result:
    | {
        readonly kind: "accepted";
        readonly fact: Fact;
        readonly after: Quota;
        readonly order: Order | null;
        readonly alerts: readonly AlertEntry[];
      }
    | { readonly kind: "refused"; readonly code: RefusalCode };
}

export interface AlertEntry {
  readonly id: string;
  readonly raised: AlertRaised;
}
