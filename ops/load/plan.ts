import { isIPv4 } from "node:net";

export const profileNames = ["hot", "zipf", "uniform", "mixed", "batch"] as const;
export type ProfileName = (typeof profileNames)[number];

/** What a run is asked to do. Everything in it is bounded. */
export interface Plan {
  readonly url: string;
  readonly driver: "http" | "nats";
  readonly profile: ProfileName;
  /** Calls a second, each at its time whether or not others are answered; null = each client asks when it was answered. */
  readonly ratePerSecond: number | null;
  readonly seconds: number;
  /** Before them: calls of the same kind, which are counted but neither timed nor told. */
  readonly warmSeconds: number;
  /** Calls that may be on their way at once. */
  readonly clients: number;
  readonly callsMax: number;
  /** Merchants of the profiles that have many. */
  readonly merchants: number;
  readonly zipfExponent: number;
  readonly batchSize: number;
  readonly currency: string;
  readonly seed: number;
  /** Begins every merchant id, so that runs do not meet. */
  readonly runId: string;
}

/** The most of each; more is refused before anything is sent. */
export const most = {
  ratePerSecond: 100_000,
  seconds: 3_600,
  warmSeconds: 60,
  clients: 10_000,
  callsMax: 100_000_000,
  merchants: 100_000,
  batchSize: 1_000,
} as const;

/** Whether the address is of this machine: a load is not sent elsewhere by mistake. */
export function isLoopback(url: string): boolean {
  const host = new URL(url).hostname.replace(/^\[(.*)\]$/, "$1");
  return host === "localhost" || host === "::1" || (isIPv4(host) && host.startsWith("127."));
}

/** @returns why the plan cannot be run; undefined = it can */
export function whyNot(plan: Plan, allowsRemote: boolean): string | undefined {
  if (!allowsRemote && !isLoopback(plan.url)) {
    return "the address is not of this machine: give --allow-remote to load another";
  }
  if (plan.driver === "nats" && plan.profile === "batch") return "a batch goes over HTTP only";
  return undefined;
}
