import type { Static } from "typebox";

import type { SessionReply } from "../../src/wire/http-console.ts";
import type {
  alertPage,
  alertReply,
  logStatsReply,
  quotaStatsReply,
  usageLogPage,
} from "../../src/wire/http-list.ts";
import type { ProblemReply, QuotaReply } from "../../src/wire/http-reply.ts";

/** What the service answers, by the schemas that it prints them with. */

export type { Beat } from "../../src/wire/http-console.ts";
export type Alert = Static<typeof alertReply>;
export type AlertPage = Static<typeof alertPage>;
export type LogPage = Static<typeof usageLogPage>;
export type LogEntry = LogPage["items"][number];
export type LogStats = Static<typeof logStatsReply>;
export type Problem = ProblemReply;
export type Quota = QuotaReply;
export type QuotaStats = Static<typeof quotaStatsReply>;
export type Session = SessionReply;

export interface Health {
  readonly status: string;
  readonly version: string;
  readonly parts: readonly {
    readonly name: string;
    readonly state: string;
    readonly latency_ms?: number;
    readonly detail?: string;
  }[];
}
