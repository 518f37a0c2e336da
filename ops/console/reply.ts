import type { Static } from "typebox";

import type { ChangeReply, PlanBody, PlanReply } from "../../src/wire/http-cluster.ts";
import type {
  ClusterReply,
  curveReply,
  deliveriesReply,
  SessionReply,
} from "../../src/wire/http-console.ts";
import type {
  alertPage,
  alertReply,
  logStatsReply,
  quotaPage,
  quotaStatsReply,
  usageLogPage,
} from "../../src/wire/http-list.ts";
import type {
  CommandReply,
  ProblemReply,
  QuotaReply,
  resetReply,
} from "../../src/wire/http-reply.ts";

/** What the service answers, by the schemas that it prints them with. */

export type { Beat } from "../../src/wire/http-console.ts";
export type Alert = Static<typeof alertReply>;
export type AlertPage = Static<typeof alertPage>;
export type Command = CommandReply;
export type Curve = Static<typeof curveReply>;
export type Cluster = ClusterReply;
export type Deliveries = Static<typeof deliveriesReply>;
export type LogPage = Static<typeof usageLogPage>;
export type LogEntry = LogPage["items"][number];
export type LogStats = Static<typeof logStatsReply>;
export type Problem = ProblemReply;
export type Quota = QuotaReply;
export type QuotaPage = Static<typeof quotaPage>;
export type Reset = Static<typeof resetReply>;
export type QuotaStats = Static<typeof quotaStatsReply>;
export type Session = SessionReply;
export type ShardChange = ChangeReply;
export type ShardPlan = PlanReply;
export type Wish = PlanBody;

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
